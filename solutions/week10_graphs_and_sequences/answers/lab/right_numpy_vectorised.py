"""NumPy without loops over entries: ufunc.at, complex numbers, one head at a time."""

import numpy as np
import scipy.special


def gcn_average(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    d = loops.sum(1)
    return (loops / np.sqrt(d[:, None] * d[None, :])).astype(np.float32) @ np.asarray(x)


def message_passing(x, senders, receivers, edge_mask, message):
    keep = np.flatnonzero(edge_mask)
    s, r = np.asarray(senders)[keep], np.asarray(receivers)[keep]
    messages = np.asarray(message(x[s], x[r]))
    total = np.zeros((len(x), messages.shape[1]), np.float32)
    np.add.at(total, r, messages)
    return total


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    x, W, b = (np.asarray(a, np.float64) for a in (x, W, b))
    keep = np.asarray(edge_mask)
    s, r = np.asarray(senders)[keep], np.asarray(receivers)[keep]
    adjacency = np.eye(len(x))
    adjacency[r, s] = 1
    inverse = 1 / np.sqrt(1 + np.bincount(r, minlength=len(x)))
    return inverse[:, None] * (adjacency @ (inverse[:, None] * x)) @ W + b


def edge_softmax(logits, receivers, edge_mask, n):
    keep = np.asarray(edge_mask)
    s, r = np.asarray(logits, np.float64)[keep], np.asarray(receivers)[keep]
    top = np.full(n, -np.inf)
    np.maximum.at(top, r, s)
    terms = np.exp(s - top[r])
    weights = np.zeros(len(keep))
    weights[keep] = terms / np.bincount(r, terms, minlength=n)[r]
    return weights


def attention(q, k, v, mask):
    q, k, v, mask = np.asarray(q, np.float64), np.asarray(k, np.float64), np.asarray(v, np.float64), np.asarray(mask)
    scores = np.where(mask, q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    with np.errstate(invalid="ignore"):
        p = scipy.special.softmax(scores, axis=1)
    return np.nan_to_num(p) @ v


def causal_mask(n):
    return np.tri(n, dtype=bool)


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    x, is_token = np.asarray(x), np.asarray(is_token)
    batch, n, _ = x.shape
    out = np.zeros((batch, n, Wo.shape[1]))
    blocks = [np.split(np.asarray(W), heads, axis=1) for W in (Wq, Wk, Wv)]
    for Q, K, V, out_block in zip(*blocks, np.split(np.asarray(Wo), heads, axis=0), strict=True):
        scores = (x @ Q) @ (x @ K).transpose(0, 2, 1) / np.sqrt(Q.shape[1])
        allowed = np.broadcast_to(is_token[:, None, :], scores.shape)
        allowed = allowed & np.tri(n, dtype=bool) if causal else allowed
        top = np.max(scores, axis=-1, keepdims=True, where=allowed, initial=-1e30)
        terms = np.where(allowed, np.exp(np.where(allowed, scores, top) - top), 0)
        weights = terms / np.where(allowed.any(-1, keepdims=True), terms.sum(-1, keepdims=True), 1)
        out += weights @ (x @ V) @ out_block
    return out * is_token[..., None]


def rotary(x, positions, base):
    x = np.asarray(x, np.float64)
    z = x.reshape(len(x), -1, 2) @ np.array([1, 1j])
    theta = float(base) ** (-np.arange(z.shape[1]) / z.shape[1])
    z = z * np.exp(1j * np.asarray(positions)[:, None] * theta)
    return np.stack([z.real, z.imag], axis=2).reshape(x.shape)

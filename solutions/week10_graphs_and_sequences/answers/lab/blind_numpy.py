"""Style: plain NumPy with loops over nodes, edges, tokens and heads; NumPy arrays come back.

Blind solve of the week-10 lab from the student notebook alone.
"""

import numpy as np


def gcn_average(adjacency, x):
    adjacency, x = np.asarray(adjacency), np.asarray(x)
    n = len(x)
    A = adjacency + np.eye(n, dtype=np.float32)
    d = np.zeros(n)
    for i in range(n):
        d[i] = A[i].sum()
    out = np.zeros(x.shape)
    for i in range(n):
        for j in range(n):
            if A[i, j] != 0:
                out[i] += A[i, j] / (np.sqrt(d[i]) * np.sqrt(d[j])) * x[j]
    return out.astype(np.float32)


def message_passing(x, senders, receivers, edge_mask, message):
    x, senders, receivers = np.asarray(x), np.asarray(senders), np.asarray(receivers)
    edge_mask = np.asarray(edge_mask)
    messages = np.asarray(message(x[senders], x[receivers]))
    out = np.zeros((len(x), messages.shape[1]), dtype=np.float32)
    for e in range(len(senders)):
        if edge_mask[e]:
            out[receivers[e]] += messages[e]
    return out


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    x, W, b = np.asarray(x), np.asarray(W), np.asarray(b)
    senders, receivers, edge_mask = np.asarray(senders), np.asarray(receivers), np.asarray(edge_mask)
    n = len(x)
    degree = np.ones(n)
    for e in range(len(senders)):
        if edge_mask[e]:
            degree[receivers[e]] += 1
    mixed = np.zeros(x.shape)
    for i in range(n):
        mixed[i] = x[i] / degree[i]
    for e in range(len(senders)):
        if edge_mask[e]:
            i, j = receivers[e], senders[e]
            mixed[i] += x[j] / np.sqrt(degree[i] * degree[j])
    return (mixed @ W + b).astype(np.float32)


def edge_softmax(logits, receivers, edge_mask, n):
    logits, receivers, edge_mask = np.asarray(logits), np.asarray(receivers), np.asarray(edge_mask)
    weights = np.zeros(len(logits), dtype=np.float32)
    for node in range(n):
        mine = np.flatnonzero((receivers == node) & edge_mask)
        if len(mine) == 0:
            continue
        s = logits[mine].astype(np.float64)
        s = np.exp(s - s.max())
        weights[mine] = s / s.sum()
    return weights


def attention(q, k, v, mask):
    q, k, v, mask = np.asarray(q), np.asarray(k), np.asarray(v), np.asarray(mask)
    out = np.zeros((len(q), v.shape[1]), dtype=np.float32)
    for i in range(len(q)):
        allowed = np.flatnonzero(mask[i])
        if len(allowed) == 0:
            continue
        s = k[allowed] @ q[i] / np.sqrt(q.shape[1])
        p = np.exp(s - s.max())
        p = p / p.sum()
        out[i] = p @ v[allowed]
    return out


def causal_mask(n):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        for j in range(i + 1):
            mask[i, j] = True
    return mask


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    x, is_token = np.asarray(x), np.asarray(is_token)
    Wq, Wk, Wv, Wo = np.asarray(Wq), np.asarray(Wk), np.asarray(Wv), np.asarray(Wo)
    batch, n, _ = x.shape
    a = Wq.shape[1] // heads
    r = Wv.shape[1] // heads
    out = np.zeros((batch, n, Wo.shape[1]), dtype=np.float32)
    for b in range(batch):
        mask = np.zeros((n, n), dtype=bool)
        for i in range(n):
            for j in range(n):
                mask[i, j] = is_token[b, i] and is_token[b, j] and (j <= i or not causal)
        Q, K, V = x[b] @ Wq, x[b] @ Wk, x[b] @ Wv
        parts = []
        for h in range(heads):
            head = attend(Q[:, h * a : (h + 1) * a], K[:, h * a : (h + 1) * a], V[:, h * r : (h + 1) * r], mask)
            parts.append(np.asarray(head))
        result = np.concatenate(parts, axis=1) @ Wo
        for i in range(n):
            if is_token[b, i]:
                out[b, i] = result[i]
    return out


def rotary(x, positions, base):
    x, positions = np.asarray(x), np.asarray(positions)
    n, d = x.shape
    out = np.zeros((n, d), dtype=np.float32)
    for i in range(n):
        for r in range(d // 2):
            angle = float(positions[i]) * float(base) ** (-2 * r / d)
            c, s = np.cos(angle), np.sin(angle)
            out[i, 2 * r] = c * x[i, 2 * r] - s * x[i, 2 * r + 1]
            out[i, 2 * r + 1] = s * x[i, 2 * r] + c * x[i, 2 * r + 1]
    return out

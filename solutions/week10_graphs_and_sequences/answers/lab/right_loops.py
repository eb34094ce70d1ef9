"""Plain loops over nodes, edges, tokens and features, in NumPy float64."""

import numpy as np


def gcn_average(adjacency, x):
    n = len(adjacency)
    loops = np.array(adjacency, dtype=float)
    for i in range(n):
        loops[i, i] += 1
    degrees = [loops[i].sum() for i in range(n)]
    for i in range(n):
        for j in range(n):
            loops[i, j] /= np.sqrt(degrees[i]) * np.sqrt(degrees[j])
    return loops @ np.asarray(x, dtype=float)


def message_passing(x, senders, receivers, edge_mask, message):
    messages = np.asarray(message(x[senders], x[receivers]))
    total = np.zeros((len(x), messages.shape[1]))
    for e in range(len(senders)):
        if edge_mask[e]:
            total[int(receivers[e])] += messages[e]
    return total


def gcn_layer(x, senders, receivers, edge_mask, W, b):
    x = np.asarray(x, dtype=float)
    degree = np.ones(len(x))
    real = [(int(s), int(r)) for s, r, m in zip(senders, receivers, edge_mask, strict=True) if m]
    for _, r in real:
        degree[r] += 1
    mixed = np.array([row / d for row, d in zip(x, degree, strict=True)])
    for s, r in real:
        mixed[r] += x[s] / np.sqrt(degree[s] * degree[r])
    return mixed @ np.asarray(W, dtype=float) + np.asarray(b)


def edge_softmax(logits, receivers, edge_mask, n):
    logits, receivers = np.asarray(logits, dtype=float), np.asarray(receivers)
    weights = np.zeros(len(logits))
    for node in range(n):
        own = [e for e in range(len(logits)) if receivers[e] == node and edge_mask[e]]
        if own:
            top = max(logits[e] for e in own)
            terms = {e: np.exp(logits[e] - top) for e in own}
            for e in own:
                weights[e] = terms[e] / sum(terms.values())
    return weights


def attention(q, k, v, mask):
    q, k, v, mask = (np.asarray(a) for a in (q, k, v, mask))
    out = np.zeros((len(q), v.shape[1]))
    for i in range(len(q)):
        heard = np.flatnonzero(mask[i])
        if len(heard):
            scores = k[heard].astype(float) @ q[i].astype(float) / np.sqrt(q.shape[1])
            terms = np.exp(scores - scores.max())
            out[i] = terms @ v[heard] / terms.sum()
    return out


def causal_mask(n):
    mask = np.zeros((n, n), dtype=bool)
    for i in range(n):
        mask[i, : i + 1] = True
    return mask


def multi_head(x, Wq, Wk, Wv, Wo, heads, is_token, causal, attend):
    batch, n, _ = x.shape
    sequences = []
    for b in range(batch):
        mask = np.array([[bool(is_token[b, j]) and (j <= i or not causal) for j in range(n)] for i in range(n)])
        blocks = []
        for h in range(heads):
            q, k, v = (
                (x[b] @ W)[:, h * (W.shape[1] // heads) : (h + 1) * (W.shape[1] // heads)] for W in (Wq, Wk, Wv)
            )
            blocks.append(np.asarray(attend(q, k, v, mask)))
        rows = np.concatenate(blocks, axis=1) @ np.asarray(Wo)
        rows[~np.asarray(is_token[b])] = 0
        sequences.append(rows)
    return np.stack(sequences)


def rotary(x, positions, base):
    out = np.array(x, dtype=float)
    d = x.shape[1]
    for row, t in enumerate(positions):
        for r in range(d // 2):
            angle = float(t) * base ** (-2 * r / d)
            a, b = float(x[row, 2 * r]), float(x[row, 2 * r + 1])
            out[row, 2 * r] = a * np.cos(angle) - b * np.sin(angle)
            out[row, 2 * r + 1] = a * np.sin(angle) + b * np.cos(angle)
    return out

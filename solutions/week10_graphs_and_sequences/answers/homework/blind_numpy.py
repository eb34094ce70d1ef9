"""Style: plain NumPy float64 with loops and dictionaries; NumPy arrays and Python floats come back.

Blind solve of the week-10 homework from the student notebook alone.
"""

import numpy as np


def wl_colors(adjacency, colors, rounds):
    adjacency = np.asarray(adjacency)
    n = len(adjacency)

    def rename(names):
        seen, out = {}, []
        for i in range(n):
            if names[i] not in seen:
                seen[names[i]] = i
            out.append(seen[names[i]])
        return out

    current = rename([int(c) for c in colors])
    for _ in range(rounds):
        names = []
        for i in range(n):
            around = sorted(current[j] for j in range(n) if adjacency[i, j])
            names.append((current[i], tuple(around)))
        current = rename(names)
    return np.array(current, dtype=int)


def wl_round(first, second):
    first, second = np.asarray(first), np.asarray(second)
    n, m = len(first), len(second)
    both = np.zeros((n + m, n + m), dtype=int)
    both[:n, :n] = first
    both[n:, n:] = second
    colors = np.zeros(n + m, dtype=int)
    for t in range(n + m + 1):
        if sorted(colors[:n].tolist()) != sorted(colors[n:].tolist()):
            return t
        new = wl_colors(both, colors, 1)
        if len(set(new.tolist())) == len(set(colors.tolist())):
            return -1
        colors = new
    return -1


def smoothing(adjacency, x):
    A = np.array(adjacency, dtype=np.float64)
    x = np.array(x, dtype=np.float64)
    n = len(A)
    for i in range(n):
        A[i, i] += 1
    d = A.sum(axis=1)
    for i in range(n):
        for j in range(n):
            A[i, j] /= np.sqrt(d[i] * d[j]) if A[i, j] else 1.0
    values, vectors = np.linalg.eigh(A)
    limit = np.zeros(x.shape)
    rate = 0.0
    for mu, u in zip(values, vectors.T):
        if mu > 0.9995:
            limit += np.outer(u, u @ x)
        else:
            rate = max(rate, abs(float(mu)))
    return limit, rate


def smoother_as_attention(queries, keys, bandwidth):
    queries, keys = np.asarray(queries, np.float64), np.asarray(keys, np.float64)
    d = queries.shape[1]
    q = np.ones((len(queries), d + 1))
    k = np.zeros((len(keys), d + 1))
    for i in range(len(queries)):
        q[i, :d] = queries[i] / bandwidth**2
    for j in range(len(keys)):
        k[j, :d] = keys[j]
        k[j, d] = -np.sum(keys[j] ** 2) / (2 * bandwidth**2)
    return q, k


def smoother_slope(query, keys, values, bandwidth):
    query, keys, values = (np.asarray(z, np.float64) for z in (query, keys, values))
    m = len(keys)
    s = np.array([-np.sum((query - keys[j]) ** 2) / (2 * bandwidth**2) for j in range(m)])
    w = np.exp(s - s.max())
    w = w / w.sum()
    mean_v = sum(w[j] * values[j] for j in range(m))
    mean_k = sum(w[j] * keys[j] for j in range(m))
    slope = np.zeros((values.shape[1], keys.shape[1]))
    for j in range(m):
        slope += w[j] * np.outer(values[j] - mean_v, keys[j] - mean_k)
    return slope / bandwidth**2


def gd_attention(W0, rate, n):
    W0 = np.asarray(W0, np.float64)
    c, d = W0.shape
    W_Q = np.zeros((d + c, d))
    W_K = np.zeros((d + c, d))
    W_V = np.zeros((d + c, d + c))
    for i in range(d):
        W_Q[i, i] = 1.0
        W_K[i, i] = rate / n
        for a in range(c):
            W_V[i, d + a] = W0[a, i]
    for a in range(c):
        W_V[d + a, d + a] = -1.0
    return W_Q, W_K, W_V


def best_step(spectrum, n, noise):
    t1 = t2 = t3 = 0.0
    for s in np.asarray(spectrum, np.float64):
        t1 += s
        t2 += s**2
        t3 += s**3
    quadratic = (n + 1) / n * t3 + t1 * t2 / n + noise**2 * t2 / n
    return float(t2 / quadratic), float(t1 - t2**2 / quadratic)

"""Plain Python: dictionaries, loops over entries, power iteration."""

import math

import numpy as np


def refine(near, colors):
    names = {}
    return [names.setdefault((colors[i], tuple(sorted(colors[j] for j in near[i]))), i) for i in range(len(near))]


def wl_colors(adjacency, colors, rounds):
    near = [[j for j in range(len(adjacency)) if adjacency[i][j]] for i in range(len(adjacency))]
    now = [int(c) for c in colors]
    for _ in range(rounds):
        now = refine(near, now)
    names = {}
    return [names.setdefault(c, i) for i, c in enumerate(now)]


def wl_round(first, second):
    first, second = np.asarray(first).tolist(), np.asarray(second).tolist()
    n = len(first)
    near = [[j for j, link in enumerate(row) if link] for row in first]
    near += [[n + j for j, link in enumerate(row) if link] for row in second]
    colors, t = [0] * len(near), 0
    while True:
        if sorted(colors[:n]) != sorted(colors[n:]):
            return t
        new = refine(near, colors)
        if len(set(new)) == len(set(colors)) and t > 0:
            return -1
        colors, t = new, t + 1


def smoothing(adjacency, x):
    a = np.array(adjacency, float) + np.eye(len(adjacency))
    root = np.sqrt(a.sum(axis=1))
    step = a / root[:, None] / root[None, :]
    far = step.copy()
    for _ in range(18):
        far = far @ far
    rest = step - far
    return far @ np.asarray(x, float), math.sqrt(np.abs(np.linalg.eigvals(rest @ rest)).max())


def smoother_as_attention(queries, keys, bandwidth):
    s = bandwidth * math.sqrt(2)
    q = [[2 * float(a) / s for a in row] + [-1.0] for row in queries]
    k = [[float(a) / s for a in row] + [sum(float(a) ** 2 for a in row) / s**2] for row in keys]
    return np.array(q), np.array(k)


def smoother_slope(query, keys, values, bandwidth):
    query, keys, values = (np.asarray(a, float) for a in (query, keys, values))
    nearest = min(sum((query - key) ** 2) for key in keys)
    w = [math.exp((nearest - sum((query - key) ** 2)) / (2 * bandwidth**2)) for key in keys]
    total = sum(w)
    slope = np.zeros((values.shape[1], len(query)))
    for a in range(values.shape[1]):
        for b in range(len(query)):
            both = sum(wj * v[a] * k[b] for wj, v, k in zip(w, values, keys, strict=True)) / total
            mean_v = sum(wj * v[a] for wj, v in zip(w, values, strict=True)) / total
            mean_k = sum(wj * k[b] for wj, k in zip(w, keys, strict=True)) / total
            slope[a, b] = (both - mean_v * mean_k) / bandwidth**2
    return slope


def gd_attention(W0, rate, n):
    c, d = W0.shape
    queries, keys, values = np.zeros((d + c, d)), np.zeros((d + c, d)), np.zeros((d + c, d + c))
    for b in range(d):
        queries[b, b], keys[b, b] = -rate, 1 / n
        for a in range(c):
            values[b, d + a] = -W0[a, b]
    for a in range(c):
        values[d + a, d + a] = 1
    return queries, keys, values


def best_step(spectrum, n, noise):
    linear = square = total = 0.0
    values = [float(v) for v in spectrum]
    for v in values:
        total += v
        linear += v**2
        square += v**3 * (n + 1) / n + v * sum(u**2 for u in values) / n + noise**2 * v**2 / n
    eta = linear / square
    return eta, total - 2 * eta * linear + eta**2 * square

"""Style: plain NumPy with loops; NumPy arrays and Python floats come back.

Blind solve of the week-3 lab from the student notebook alone.
"""
import math

import jax
import numpy as np


def _sigmoid(t):
    if t >= 0:
        return 1.0 / (1.0 + math.exp(-t))
    e = math.exp(t)
    return e / (1.0 + e)


def swish(z, beta):
    z = np.asarray(z)
    out = np.empty(z.shape, np.float32)
    for i in np.ndindex(*z.shape):
        v = float(z[i])
        out[i] = v * _sigmoid(float(beta) * v)
    return out


def swish_slope(z, beta):
    z = np.asarray(z)
    out = np.empty(z.shape, np.float32)
    for i in np.ndindex(*z.shape):
        t = float(beta) * float(z[i])
        s = _sigmoid(t)
        out[i] = s + t * s * (1.0 - s)
    return out


def forward(params, x, phi):
    h = np.asarray(x, np.float32)
    for level, (W, b) in enumerate(params):
        z = h @ np.asarray(W) + np.asarray(b)
        h = np.asarray(phi(z)) if level < len(params) - 1 else z
    return h


def cross_entropy(logits, labels):
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    total = 0.0
    for row, label in zip(logits, labels):
        row = row - row.max()
        total += np.log(np.exp(row).sum()) - row[label]
    return float(total / len(labels))


def cross_entropy_slope(logits, labels):
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    out = np.zeros(logits.shape)
    for i, (row, label) in enumerate(zip(logits, labels)):
        e = np.exp(row - row.max())
        out[i] = e / e.sum()
        out[i, label] -= 1.0
    return (out / len(labels)).astype(np.float32)


def init_mlp(key, widths, scale):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    params = []
    for n_in, n_out in zip(widths[:-1], widths[1:]):
        W = rng.normal(0.0, math.sqrt(scale / n_in), size=(n_in, n_out)).astype(np.float32)
        params.append((W, np.zeros(n_out, np.float32)))
    return params


def backprop(params, x, phi, slope, cotangent):
    params = [(np.asarray(W), np.asarray(b)) for W, b in params]
    L = len(params)
    h = [np.asarray(x)]
    z = []
    for l in range(L):
        z.append(h[l] @ params[l][0] + params[l][1])
        if l < L - 1:
            h.append(np.asarray(phi(z[l])))
    grads = [None] * L
    delta = np.asarray(cotangent)
    for l in range(L - 1, -1, -1):
        grads[l] = (h[l].T @ delta, delta.sum(axis=0))
        if l > 0:
            delta = (delta @ params[l][0].T) * np.asarray(slope(z[l - 1]))
    return grads


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    x, labels = np.asarray(x), np.asarray(labels)
    params = [(np.array(W, np.float32), np.array(b, np.float32)) for W, b in params]
    for epoch in range(epochs):
        order = rng.permutation(len(x))
        for k in range(len(x) // batch_size):
            pick = order[k * batch_size : (k + 1) * batch_size]
            grads = grad_fn(params, x[pick], labels[pick])
            new = []
            for (W, b), (dW, db) in zip(params, grads):
                new.append(((W - rate * np.asarray(dW)).astype(np.float32), (b - rate * np.asarray(db)).astype(np.float32)))
            params = new
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params


def reverse_mode(graph, leaves, output, primitives):
    # Nodes that the output needs, found with a stack.
    needed, stack = set(), [output]
    while stack:
        name = stack.pop()
        if name in needed or name not in graph:
            continue
        needed.add(name)
        stack.extend(graph[name][1:])
    # Sweep until all are computed (graphs are small).
    values = {k: float(v) for k, v in leaves.items()}
    order = []
    while len(order) < len(needed):
        for name in graph:
            if name in needed and name not in values and all(a in values for a in graph[name][1:]):
                f, _ = primitives[graph[name][0]]
                values[name] = f(*[values[a] for a in graph[name][1:]])
                order.append(name)
    bar = {name: 0.0 for name in values}
    bar[output] = 1.0
    for name in order[::-1]:
        args = graph[name][1:]
        d = primitives[graph[name][0]][1](*[values[a] for a in args])
        for k in range(len(args)):
            bar[args[k]] += bar[name] * d[k]
    return float(values[output]), {leaf: float(bar[leaf]) for leaf in leaves}

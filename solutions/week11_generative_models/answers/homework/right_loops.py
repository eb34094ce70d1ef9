"""Plain Python: loops over outcomes, atoms and examples."""

import math

import numpy as np


def optimal_discriminator(p, q):
    out = []
    for real, fake in zip(np.asarray(p).tolist(), np.asarray(q).tolist(), strict=True):
        out.append(real / (real + fake) if real + fake else 0.5)
    return out


def gan_value(D, p, q):
    total = 0.0
    for d, real, fake in zip(np.asarray(D).tolist(), np.asarray(p).tolist(), np.asarray(q).tolist(), strict=True):
        if real:
            total += real * math.log(d)
        if fake:
            total += fake * math.log(1 - d)
    return total


def jensen_shannon(p, q):
    def kl(a, b):
        return sum(u * math.log(u / v) for u, v in zip(a, b, strict=True) if u > 0)

    p, q = np.asarray(p).tolist(), np.asarray(q).tolist()
    m = [(u + v) / 2 for u, v in zip(p, q, strict=True)]
    return 0.5 * kl(p, m) + 0.5 * kl(q, m)


def generator_gradients(p, logits):
    p, a = np.asarray(p, float), np.asarray(logits, float)
    n = len(p)
    top = max(a)
    q = [math.exp(v - top) for v in a]
    q = [v / sum(q) for v in q]
    first, second = np.zeros(n), np.zeros(n)
    for k in range(n):
        for j in range(n):
            slope = q[j] * ((j == k) - q[k])
            first[k] += slope * math.log(q[j] / (p[j] + q[j]))
            second[k] -= slope * math.log(p[j] / (p[j] + q[j]))
    return first, second


def common_support(x, p, y, q):
    mass = {}
    for side, places, weights in ((0, x, p), (1, y, q)):
        for place, w in zip(np.asarray(places).tolist(), np.asarray(weights).tolist(), strict=True):
            mass.setdefault(place, [0.0, 0.0])[side] += w
    places = sorted(mass)
    return places, [mass[t][0] for t in places], [mass[t][1] for t in places]


def wasserstein(x, p, y, q):
    """Fill and empty: the north-west corner of the transport plan between sorted atoms."""
    have = sorted(zip(np.asarray(x).tolist(), np.asarray(p).tolist(), strict=True))
    want = sorted(zip(np.asarray(y).tolist(), np.asarray(q).tolist(), strict=True))
    cost, i, j = 0.0, 0, 0
    have, want = [list(pair) for pair in have], [list(pair) for pair in want]
    while i < len(have) and j < len(want):
        moved = min(have[i][1], want[j][1])
        cost += moved * abs(have[i][0] - want[j][0])
        have[i][1] -= moved
        want[j][1] -= moved
        if have[i][1] <= want[j][1]:
            i += 1
        else:
            j += 1
    return cost


def critic(x, p, y, q):
    places, P, Q = common_support(x, p, y, q)
    f, surplus, value = {}, 0.0, 5.0
    for k, t in enumerate(places):
        f[t] = value
        surplus += P[k] - Q[k]
        if k + 1 < len(places):
            value -= (1 if surplus > 0 else -1) * (places[k + 1] - t)
    return [f[float(t)] for t in x], [f[float(t)] for t in y]


def ppca_fit(X, k):
    X = np.asarray(X, float)
    n, d = X.shape
    mean = sum(X) / n
    S = np.zeros((d, d))
    for x in X:
        S += np.outer(x - mean, x - mean) / n
    values, vectors = np.linalg.eig(S)
    values, vectors = values.real, vectors.real
    order = np.argsort(-values)
    sigma2 = sum(values[i] for i in order[k:]) / (d - k)
    W = np.zeros((d, k))
    for column, i in enumerate(order[:k]):
        W[:, column] = math.sqrt(values[i] - sigma2) * vectors[:, i]
    return mean, W, sigma2


def log_likelihood(X, mean, W, sigma2):
    X, mean, W = (np.asarray(a, float) for a in (X, mean, W))
    C = W @ W.T + sigma2 * np.identity(len(mean))
    total = 0.0
    for x in X:
        total -= 0.5 * (x - mean) @ np.linalg.inv(C) @ (x - mean)
    return total / len(X) - 0.5 * math.log(np.linalg.det(C)) - 0.5 * len(mean) * math.log(2 * math.pi)


def posterior(X, mean, W, sigma2):
    X, mean, W = (np.asarray(a, float) for a in (X, mean, W))
    precision = np.identity(W.shape[1]) + W.T @ W / sigma2
    cov = np.linalg.inv(precision)
    return np.array([cov @ W.T @ (x - mean) / sigma2 for x in X]), cov


def elbo(X, mean, W, sigma2, V, cov):
    X, mean, W, V, cov = (np.asarray(a, float) for a in (X, mean, W, V, cov))
    d, k = W.shape
    total = 0.0
    for x in X:
        z = V @ (x - mean)
        seen = 0.0
        for a in range(d):
            residual = x[a] - mean[a] - W[a] @ z
            seen -= 0.5 * math.log(2 * math.pi * sigma2) + (residual**2 + W[a] @ cov @ W[a]) / (2 * sigma2)
        kl = 0.5 * (z @ z - k - math.log(np.linalg.det(cov)))
        for i in range(k):
            kl += 0.5 * cov[i, i]
        total += seen - kl
    return total / len(X)


def best_diagonal_encoder(W, sigma2):
    W = np.asarray(W, float)
    k = W.shape[1]
    V = np.linalg.inv(W.T @ W / sigma2 + np.identity(k)) @ W.T / sigma2
    return V, [1 / (1 + sum(W[:, i] ** 2) / sigma2) for i in range(k)]


def diagonal_gap(W, sigma2):
    W = np.asarray(W, float)
    A = np.identity(W.shape[1]) + W.T @ W / sigma2
    return 0.5 * math.log(math.prod(A[i, i] for i in range(len(A))) / np.linalg.det(A))

"""Loops over pairs of inputs with math; the network's own two steps; ordinary differential equations by many short steps."""

import math

import numpy as np


def pair_average(s11, s12, s22, leak):
    """By the angle between u and v."""
    size = math.sqrt(s11 * s22)
    c = max(-1.0, min(1.0, s12 / size))
    angle = math.acos(c)
    same = (math.sin(angle) + (math.pi - angle) * math.cos(angle)) / (2 * math.pi)
    other = (math.sin(angle) - angle * math.cos(angle)) / (2 * math.pi)
    both = (math.pi - angle) / (2 * math.pi)
    return size * ((1 + leak * leak) * same - 2 * leak * other), (1 + leak * leak) * both + 2 * leak * (0.5 - both)


def leaky_expectations(S11, S12, S22, leak):
    shape = np.shape(S11)
    lists = (np.ravel(S).astype(float).tolist() for S in (S11, S12, S22))
    pairs = [pair_average(*three, leak) for three in zip(*lists, strict=True)]
    return tuple(np.reshape(column, shape) for column in zip(*pairs, strict=True))


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    def pair(a, b):
        d = len(a)
        q = [weight_variance * sum(p * r for p, r in zip(*two, strict=True)) / d + bias_variance for two in ((a, a), (a, b), (b, b))]
        theta = q[1]
        for _ in range(depth):
            slopes = pair_average(*q, 0.0)[1]
            q = [
                weight_variance * pair_average(u, v, w, 0.0)[0] + bias_variance
                for u, v, w in ((q[0], q[0], q[0]), (q[0], q[1], q[2]), (q[2], q[2], q[2]))
            ]
            theta = q[1] + weight_variance * theta * slopes
        return theta, q[1]

    rows = [[pair(a, b) for b in np.asarray(x2, float).tolist()] for a in np.asarray(x1, float).tolist()]
    return [[[entry[part] for entry in row] for row in rows] for part in (0, 1)]


def circle_eigenvalues(k):
    found = []
    for number in np.asarray(k).tolist():
        if number == 1:
            found.append(0.5)
        elif number % 2:
            found.append(0.0)
        else:
            sine = 2 / (1 - number**2)
            ramp = 1 / (number + 1) ** 2 + 1 / (number - 1) ** 2
            found.append((sine + 2 * ramp) / math.pi**2)
    return found


def circle_flow(values, y, t):
    """Real transforms: the kernel is even."""
    n = len(values)
    rates = np.fft.rfft(np.asarray(values, float)).real / n
    return np.fft.irfft((1 - np.exp(-t * rates)) * np.fft.rfft(np.asarray(y, float)), n)


def trained_limit(T, T_new, y, f0, f0_new):
    weights = np.linalg.inv(np.asarray(T, float)) @ (np.asarray(y, float) - np.asarray(f0))
    return [float(start + sum(k * w for k, w in zip(row, weights, strict=True)))
            for start, row in zip(np.asarray(f0_new), np.asarray(T_new), strict=True)]  # fmt: skip


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, float) for a in (T, T_new, K, K_cross, K_new, y))
    n = len(y)
    if math.isinf(t):
        P = T_new @ np.linalg.inv(T)
    else:
        # The error operator e^{-T t/n} and its integral over time, doubled again and again from a very short time.
        h = t / n / 2**30
        decay = np.eye(n) - h * T + h * h / 2 * T @ T - np.eye(n)
        area = h * np.eye(n) - h * h / 2 * T
        for _ in range(30):
            area = 2 * area + decay @ area
            decay = 2 * decay + decay @ decay
        P = T_new @ area
    mean = P @ y
    m = len(T_new)
    cov = np.zeros((m, m))
    for a in range(m):
        for b in range(m):
            cov[a, b] = K_new[a, b] - P[a] @ K_cross[b] - P[b] @ K_cross[a] + P[a] @ K @ P[b]
    return mean.tolist(), cov.tolist()


def kernel_change(v, W, X, y, A, B, eta):
    """K is a quadratic form in the parameters: twice the mixed form of parameters and step, and the form of the step."""
    v, W, X, y, A, B = (np.asarray(a, float) for a in (v, W, X, y, A, B))
    m, n = len(v), len(y)
    dv, dW = np.zeros(m), np.zeros(W.shape)
    for x, label in zip(X, y, strict=True):
        error = v @ W @ x / math.sqrt(m) - label
        dv -= eta * error / n / math.sqrt(m) * (W @ x)
        dW -= eta * error / n / math.sqrt(m) * np.outer(v, x)
    form = lambda v, W, p, Q: (A @ W.T @ Q @ B.T + (v @ p) * (A @ B.T)) / m
    return form(v, W, dv, dW) + form(dv, dW, v, W) + form(dv, dW, dv, dW)


def catapult(f, lam, y, eta, m, steps):
    """By a network of two units that has these two numbers."""
    root = math.sqrt(m)
    v = [math.sqrt(m * lam / 2), 0.0]
    first = root * f / v[0]
    w = [first, math.sqrt(max(m * lam / 2 - first**2, 0.0))]
    outputs, kernels = [], []
    for _ in range(steps + 1):
        out = (v[0] * w[0] + v[1] * w[1]) / root
        outputs.append(out)
        kernels.append((v[0] ** 2 + v[1] ** 2 + w[0] ** 2 + w[1] ** 2) / m)
        pull = eta * (out - y) / root
        v, w = [a - pull * b for a, b in zip(v, w, strict=True)], [b - pull * a for a, b in zip(v, w, strict=True)]
    return outputs, kernels

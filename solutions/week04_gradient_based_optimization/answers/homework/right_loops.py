"""Plain loops where they are short enough, series and products written out, integrals by Gauss-Legendre pieces."""

import math

import numpy as np


def gd_iterate(H, b, w0, eta, steps):
    """Repeated squaring of the affine map w -> A w + c."""
    A, c = np.eye(len(b)) - eta * np.asarray(H, np.float64), eta * np.asarray(b, np.float64)
    total, shift, n = np.eye(len(b)), np.zeros(len(b)), int(steps)
    while n:
        if n % 2:
            total, shift = A @ total, A @ shift + c
        A, c, n = A @ A, A @ c + c, n // 2
    return [total @ np.asarray(w, np.float64) + shift for w in w0]


def backward_rate(lam, eta, order):
    if order is None:
        if eta * lam >= 1:
            raise ValueError("no flow")
        return -math.log(1 - eta * lam) / eta
    total, power = 0.0, 1.0
    for j in range(order):
        total += lam * power / (j + 1)
        power *= eta * lam
    return total


def best_heavy_ball(low, high):
    condition = math.sqrt(high / low)
    ratio = (condition - 1) / (condition + 1)
    return [4 / (math.sqrt(high) + math.sqrt(low)) ** 2, ratio**2, ratio]


def sgd_mean_squares(lam, sigma, etas, w0):
    """Backwards: what the noise of each step adds to the last iterate, and to the sum."""
    etas = [float(eta) for eta in etas]
    reach, inside, last, total = 1.0, 0.0, 0.0, 0.0
    for eta in reversed(etas):
        # reach: d w_n / d w_{k+1}; inside: d (w_{k+1} + ... + w_n) / d w_{k+1}
        inside = 1.0 + inside
        last += (reach * eta * sigma) ** 2
        total += (inside * eta * sigma) ** 2
        reach *= 1 - eta * lam
        inside *= 1 - eta * lam
    return (reach * w0) ** 2 + last, ((inside * w0) ** 2 + total) / len(etas) ** 2


def nesterov_iterates(lam, s, steps, r):
    path = [1.0]
    for k in range(steps):
        before = path[k - 1] if k else 1.0
        y = path[k] + (k - 1) / (k + r - 1) * (path[k] - before) if k else 1.0
        path.append((1 - s * lam) * y)
    return path


def friction_flow(lam, r, t):
    """Power series in exact arithmetic for small z, the integral over an angle (Poisson) for r > 1, its limit for r = 1."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    angle, weights = (nodes + 1) * np.pi / 2, weights * np.pi / 2
    shape = np.sin(angle) ** (r - 1) * weights
    return [float(np.sum(shape * np.cos(math.sqrt(lam) * float(x) * np.cos(angle))) / np.sum(shape)) for x in t]


def mode_strength(s, a0, t):
    out = []
    for v in np.asarray(s, np.float64):
        out.append(v * a0 / (a0 + (v - a0) * math.exp(-2 * v * t)) if v > 1e-9 else a0 / (1 + 2 * a0 * t))
    return out


def learned_map(Y, a0, t):
    Y = np.asarray(Y, np.float64)
    U, s, V = np.linalg.svd(Y)
    result = np.zeros(Y.shape)
    for index, a in enumerate(mode_strength(s, a0, t)):
        result += a * np.outer(U[:, index], V[index])
    return result


def learning_time(s, a0, a, depth):
    nodes, weights = np.polynomial.legendre.leggauss(20)
    edges = np.linspace(math.log(a0), math.log(a), 400)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        strength = np.exp((low + high) / 2 + (high - low) / 2 * nodes)
        total += (high - low) / 2 * float(weights @ (strength / (depth * strength ** (2 - 2 / depth) * (s - strength))))
    return total


def imbalances(weights):
    result = []
    for level in range(len(weights) - 1):
        after, before = np.asarray(weights[level + 1], np.float64), np.asarray(weights[level], np.float64)
        result.append((after.T @ after - before @ before.T).tolist())
    return result


def imbalance_change(weights, x, y, eta):
    weights = [np.asarray(W, np.float64) for W in weights]
    gradients = [np.zeros_like(W) for W in weights]
    for example, target in zip(np.asarray(x, np.float64), np.asarray(y, np.float64), strict=True):
        signals = [example]
        for W in weights:
            signals.append(W @ signals[-1])
        delta = (signals[-1] - target) / len(x)
        for level in reversed(range(len(weights))):
            gradients[level] += np.outer(delta, signals[level])
            delta = weights[level].T @ delta
    return [eta**2 * np.asarray(D) for D in imbalances(gradients)]

"""Week 2 lab, solved the way a physicist would: NumPy, plain loops, float64."""

import math

import jax
import numpy as np
import scipy.optimize


def logistic_loss(logits, y):
    loss, slope = [], []
    for z, label in zip(np.asarray(logits, dtype=np.float64), np.asarray(y)):
        z = float(z)
        # class 0 has loss log(1 + e^z) and slope p(z); class 1 is its mirror image
        s = -z if label == 1 else z
        if s > 0:
            e = math.exp(-s)
            value, p = s + math.log1p(e), 1.0 / (1.0 + e)
        else:
            e = math.exp(s)
            value, p = math.log1p(e), e / (1.0 + e)
        loss.append(value)
        slope.append(-p if label == 1 else p)
    return loss, slope


def softmax_regression(W, b, X, labels, weights, l2):
    W = np.array(W, dtype=np.float64)
    b = np.array(b, dtype=np.float64)
    X = np.array(X, dtype=np.float64)
    labels = np.array(labels)
    weights = np.array(weights, dtype=np.float64)
    total = weights.sum()
    loss, dW, db = 0.0, np.zeros_like(W), np.zeros_like(b)
    for x, c, v in zip(X, labels, weights):
        z = x @ W + b
        z = z - z.max()
        e = np.exp(z)
        loss += v * (np.log(e.sum()) - z[c])
        residual = e / e.sum()
        residual[c] -= 1.0
        dW += v * np.outer(x, residual)
        db += v * residual
    loss = loss / total + 0.5 * l2 * np.sum(W**2)
    return float(loss), dW / total + l2 * W, db / total


def early_stopped(X, y, eta, steps):
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    steps = int(steps)
    n, p = X.shape
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    w = np.zeros(p)
    for j in range(len(s)):
        if s[j] <= 1e-14 * s[0]:
            continue  # never touched (also when all are zero)
        x = float(eta) * s[j] ** 2 / n
        # share = 1 - (1 - x)^T, without losing a tiny x
        if steps == 0:
            share = 0.0
        elif x < 1:
            share = -math.expm1(steps * math.log1p(-x))
        elif x == 1:
            share = 1.0
        else:
            sign = 1.0 if steps % 2 == 0 else -1.0
            share = 1.0 - sign * math.exp(steps * math.log(x - 1))
        w += share / s[j] * (U[:, j] @ y) * Vt[j]
    return w


def max_margin(X, y):
    X = np.array(X, dtype=np.float64)
    signs = 2.0 * np.array(y) - 1.0
    Z = signs[:, None] * X
    scale = np.sqrt((Z**2).sum(axis=1).max())
    Z = Z / scale
    # Least distance programming (Lawson & Hanson ch. 23): min |w| with Z w >= 1
    n, p = Z.shape
    E = np.vstack([Z.T, np.ones((1, n))])
    f = np.zeros(p + 1)
    f[p] = 1.0
    u, _ = scipy.optimize.nnls(E, f)
    r = E @ u - f
    w = -r[:p] / r[p]
    # polish: the examples with u > 0 have a margin of exactly 1
    active = Z[u > 0]
    polished = np.linalg.lstsq(active, np.ones(len(active)), rcond=None)[0]
    if (Z @ polished).min() > 1 - 1e-9:
        w = polished
    return w / scale


def glm_terms(log_partition, theta, X, y, offset):
    theta = np.array(theta, dtype=np.float64)
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    eta = X @ theta + np.array(offset, dtype=np.float64)
    first = jax.grad(log_partition)
    second = jax.grad(first)
    A = np.array(jax.vmap(log_partition)(eta))
    mean = np.array(jax.vmap(first)(eta))
    variance = np.array(jax.vmap(second)(eta))
    loss = float(np.sum(A - y * eta))
    return loss, X.T @ (mean - y), X.T @ (variance[:, None] * X)


def newton_step(gradient, hessian, X):
    g = np.array(gradient, dtype=np.float64)
    H = np.array(hessian, dtype=np.float64)
    X = np.array(X, dtype=np.float64)
    if not np.any(g):
        return np.zeros_like(g), 0.0
    d = -np.linalg.solve(H, g)
    decrement = math.sqrt(max(-float(g @ d), 0.0))
    rho = float(np.max(np.abs(X @ d)))
    t = 1.0 if rho == 0 else math.log1p(rho) / rho
    return t * d, decrement

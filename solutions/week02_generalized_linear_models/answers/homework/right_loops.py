"""Loops, whole numbers, refits: the definitions written out."""

import math
from fractions import Fraction

import jax
import numpy as np


def kl_divergence(log_partition, theta1, theta2):
    slope = jax.grad(log_partition)(theta1)
    tangent = sum(float(g) * (float(b) - float(a)) for g, a, b in zip(slope, theta1, theta2, strict=True))
    return float(log_partition(theta2)) - float(log_partition(theta1)) - tangent


def natural_parameters(log_partition, mean, start):
    mean, theta = np.asarray(mean), np.array(start, dtype=float)
    value = jax.jit(log_partition)
    slope, curvature = jax.jit(jax.grad(log_partition)), jax.jit(jax.hessian(log_partition))
    for _ in range(200):
        gradient = np.asarray(slope(theta)) - mean
        step = -np.linalg.solve(np.asarray(curvature(theta)), gradient)
        if np.abs(step).max() < 1e-12:
            break
        here = float(value(theta)) - mean @ theta
        while True:
            there = float(value(theta + step)) - mean @ (theta + step)
            if math.isfinite(there) and there <= here + 1e-13 * abs(here) + 1e-15:
                break
            step = step / 2
        theta = theta + step
    return theta


def softmax_hessian(W, X):
    W, X = np.asarray(W), np.asarray(X)
    p, K = W.shape
    H = np.zeros((p * K, p * K))
    for x in X:
        z = x @ W
        prob = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        for j in range(p):
            for m in range(p):
                for k in range(K):
                    for q in range(K):
                        H[j * K + k, m * K + q] += x[j] * x[m] * (prob[k] * (k == q) - prob[k] * prob[q])
    return H


def null_dimension(X, K):
    rank = np.linalg.matrix_rank(np.asarray(X), rtol=1e-6)
    p = np.shape(X)[1]
    common_shift, unseen = p, (p - rank) * K
    return int(common_shift + unseen - (p - rank))  # u v^T with v constant is both


def ridge_scores(X, y, lambdas):
    X, y = np.asarray(X), np.asarray(y)
    n, p = X.shape
    loo, gcv = [], []
    for lam in np.asarray(lambdas):
        errors = []
        for i in range(n):
            A, b = np.delete(X, i, 0), np.delete(y, i)
            errors.append(y[i] - X[i] @ np.linalg.solve(A.T @ A + lam * np.eye(p), A.T @ b))
        H = X @ np.linalg.inv(X.T @ X + lam * np.eye(p)) @ X.T
        loo.append(sum(e * e for e in errors) / n)
        gcv.append(sum((y - H @ y) ** 2) / n / (1 - np.trace(H) / n) ** 2)
    return loo, gcv


def separable_probability(n, p):
    term, total = 1, 0
    for k in range(min(n, p)):
        total += term
        term = term * (n - 1 - k) // (k + 1)
    return float(Fraction(total, 2 ** (n - 1)))


def is_separable(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    longest = np.linalg.norm(Z, axis=1).max()
    if longest == 0:
        return False
    w = np.zeros(Z.shape[1])
    for _ in range(20_000):  # the perceptron makes at most (longest / margin)^2 = 10^4 mistakes
        worst = Z[np.argmin(Z @ w)]
        if worst @ w > 1e-9:
            return True
        w = w + worst / longest
    return False


def approximate_loo(X, y, w, lam):
    X, y, w = (np.asarray(a) for a in (X, y, w))
    logits = []
    for i in range(len(X)):
        A, b = np.delete(X, i, 0), np.delete(y, i)
        mu = 1 / (1 + np.exp(-A @ w))
        H = (A.T * (mu * (1 - mu))) @ A + lam * np.eye(len(w))
        logits.append(X[i] @ (w - np.linalg.solve(H, A.T @ (mu - b) + lam * w)))
    return np.array(logits)

"""By definition: loops over outputs, pairs of members and examples; every leave-one-out residual by a real refit."""

import itertools

import jax.numpy as jnp
import numpy as np


def ridge(X, Y, lam):
    columns = []
    for j in range(Y.shape[1]):
        if X.shape[1] > X.shape[0]:
            gram = np.array(X @ X.T)
            for i in range(len(gram)):
                gram[i, i] += lam
            columns.append(X.T @ np.linalg.solve(gram, Y[:, j]))
        else:
            gram = np.array(X.T @ X)
            for i in range(len(gram)):
                gram[i, i] += lam
            columns.append(np.linalg.solve(gram, X.T @ Y[:, j]))
    return jnp.stack(columns, axis=1)


def ridge_path(X, y, lams):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    found = []
    for lam in lams:
        w = np.zeros(X.shape[1])
        for j in range(len(s)):
            if s[j] > 1e-10 * s[0]:
                w += s[j] / (s[j] ** 2 + float(lam)) * (U[:, j] @ np.asarray(y)) * Vt[j]
        found.append(w)
    return np.stack(found)


def degrees_of_freedom(X, lams):
    s = np.linalg.svd(X, compute_uv=False)
    return np.array([sum(v**2 / (v**2 + float(lam)) for v in s if v > 1e-10 * max(s)) for lam in lams])


def bias_variance(predictions, truth):
    m, t = predictions.shape
    bias2 = variance = 0.0
    for j in range(t):
        mean = sum(float(predictions[i, j]) for i in range(m)) / m
        bias2 += (mean - float(truth[j])) ** 2 / t
        variance += sum((float(predictions[i, j]) - mean) ** 2 for i in range(m)) / m / t
    return bias2, variance


def unbiased_bias_variance(predictions, truth):
    misses = np.asarray(predictions) - np.asarray(truth)
    pairs = list(itertools.combinations(range(len(misses)), 2))
    # Two different members are independent: the product of their misses has the squared bias as its expectation.
    bias2 = sum(np.mean(misses[i] * misses[j]) for i, j in pairs) / len(pairs)
    variance = sum(np.mean((misses[i] - misses[j]) ** 2) / 2 for i, j in pairs) / len(pairs)
    return [bias2, variance]


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    blind, modes = np.zeros(len(X_test)), np.zeros((len(X_test), len(s)))
    for row, x in enumerate(np.asarray(X_test)):
        outside = x.copy()
        for j in range(len(s)):
            outside -= (x @ Vt[j]) * Vt[j]
            modes[row, j] = (x @ Vt[j]) * (U[:, j] @ np.asarray(residuals)) / s[j]
        blind[row] = -outside @ np.asarray(w_star)
    return blind, modes


def _fit(X, y, lam):
    mean_x, mean_y = X.mean(axis=0), y.mean()
    A = np.concatenate([X - mean_x, np.sqrt(lam) * np.eye(X.shape[1])])
    w = np.linalg.lstsq(A, np.concatenate([y - mean_y, np.zeros(X.shape[1])]), rcond=None)[0]
    return mean_y - mean_x @ w, w


def hat_matrix(X, lam):
    X = np.asarray(X)
    columns = []
    for unit in np.eye(len(X)):
        b, w = _fit(X, unit, lam)
        columns.append(b + X @ w)
    return np.stack(columns, axis=1)


def loo_residuals(X, y, lam):
    X, y = np.asarray(X), np.asarray(y)
    found = []
    for i in range(len(X)):
        b, w = _fit(np.delete(X, i, axis=0), np.delete(y, i), lam)
        found.append(y[i] - b - X[i] @ w)
    return np.array(found)


def interpolator_loo(K, Y):
    K, Y = np.asarray(K), np.asarray(Y)
    found = []
    for i in range(len(K)):
        others = [j for j in range(len(K)) if j != i]
        found.append(Y[i] - K[i, others] @ np.linalg.solve(K[np.ix_(others, others)], Y[others]))
    return np.array(found)


def interpolator_gcv(K, Y):
    K, Y = np.asarray(K), np.asarray(Y)
    trace = sum(np.linalg.solve(K, unit) @ unit for unit in np.eye(len(K)))
    return np.array([len(K) * np.sum(np.linalg.solve(K, y) ** 2) / trace**2 for y in Y.T])

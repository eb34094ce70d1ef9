"""Jackknife, Cholesky factors, Woodbury and pseudo-inverses; results are nested lists, but for the large ones."""

import jax.numpy as jnp
import numpy as np
import scipy.linalg


def ridge(X, Y, lam):
    X, Y = np.array(X), np.array(Y)
    wide = X.shape[1] > X.shape[0]
    G = X @ X.T if wide else X.T @ X
    G[np.diag_indices_from(G)] += lam
    factor = scipy.linalg.cho_factor(G)
    W = X.T @ scipy.linalg.cho_solve(factor, Y) if wide else scipy.linalg.cho_solve(factor, X.T @ Y)
    return W if W.size > 20_000 else W.tolist()  # a list of 200 000 numbers has no room in a reply


def ridge_path(X, y, lams):
    X, y = np.asarray(X), np.asarray(y)
    best = np.linalg.pinv(X, rcond=1e-10) @ y  # of smallest norm; ridge shrinks it in the basis of right singular vectors
    _, s, Vt = np.linalg.svd(X)
    square = np.zeros(X.shape[1])
    square[: len(s)] = np.where(s > 1e-10 * s[0], s, 0.0) ** 2
    return [list(Vt.T @ ((Vt @ best) * np.divide(square, square + l, out=np.zeros_like(square), where=square > 0))) for l in np.asarray(lams)]


def degrees_of_freedom(X, lams):
    X = np.asarray(X)
    s = scipy.linalg.svdvals(X)
    s = s[s > 1e-10 * s.max()]
    return [float(np.sum(1.0 / (1.0 + l / s**2))) for l in np.asarray(lams)]


def bias_variance(predictions, truth):
    e = np.asarray(predictions) - np.asarray(truth)
    gram = e @ e.T / e.shape[1]  # bias^2 is the mean of all of it, the mean squared error that of its diagonal
    return [float(gram.mean()), float(np.trace(gram) / len(gram) - gram.mean())]


def unbiased_bias_variance(predictions, truth):
    f, truth = np.asarray(predictions), np.asarray(truth)
    m = len(f)
    whole = np.mean((f.mean(axis=0) - truth) ** 2)
    without = [np.mean((np.delete(f, i, axis=0).mean(axis=0) - truth) ** 2) for i in range(m)]
    bias2 = m * whole - (m - 1) * np.mean(without)  # the jackknife is exact for a quadratic function of the mean
    return float(bias2), float(np.mean((f - truth) ** 2) - bias2)


def error_modes(X, residuals, X_test, w_star):
    X, T, w = np.asarray(X), np.asarray(X_test), np.asarray(w_star)
    y = X @ w + np.asarray(residuals)
    total = T @ np.linalg.pinv(X) @ y - T @ w
    values, vectors = np.linalg.eigh(X @ X.T if X.shape[0] <= X.shape[1] else X.T @ X)
    modes = []
    for j in range(len(values))[::-1]:
        if X.shape[0] <= X.shape[1]:
            u = vectors[:, j]
            modes.append(T @ (X.T @ u) * (u @ np.asarray(residuals)) / values[j])
        else:
            v = vectors[:, j]
            modes.append((T @ v) * (v @ X.T @ np.asarray(residuals)) / values[j])
    modes = np.array(modes).T
    return [(total - modes.sum(axis=1)).tolist(), modes.tolist()]


def hat_matrix(X, lam):
    X = np.asarray(X)
    n = len(X)
    C = np.eye(n) - 1 / n
    K = C @ X @ X.T @ C
    return (np.eye(n) - C + np.eye(n) - np.linalg.inv(np.eye(n) + K / lam)).tolist()


def loo_residuals(X, y, lam):
    X, y = np.asarray(X), np.asarray(y)
    n = len(y)
    C = np.eye(n) - 1 / n
    I_H = np.linalg.inv(np.eye(n) + C @ X @ X.T @ C / lam) - 1 / n
    return ((I_H @ y) / np.diag(I_H)).tolist()


def interpolator_loo(K, Y):
    L = np.linalg.cholesky(np.asarray(K))
    A = scipy.linalg.cho_solve((L, True), np.asarray(Y))
    d = (scipy.linalg.solve_triangular(L, np.eye(len(L)), lower=True) ** 2).sum(axis=0)
    return (A / d[:, None]).tolist()


def interpolator_gcv(K, Y):
    values, vectors = np.linalg.eigh(np.asarray(K))
    parts = vectors.T @ np.asarray(Y)
    return [float(np.mean((c / values) ** 2) / np.mean(1 / values) ** 2) for c in parts.T]

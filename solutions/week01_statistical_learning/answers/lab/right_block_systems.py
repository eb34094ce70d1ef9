"""Saddle-point systems, rank-one downdates and scalars of NumPy; tuples and 0-d arrays come back."""

import numpy as np


def ridge(X, Y, lam):
    X, Y = np.asarray(X), np.asarray(Y)
    n, p = X.shape
    Q, R = np.linalg.qr(X.T if p > n else X)
    if p > n:  # X = R^T Q^T: an n x n problem in the coordinates of Q
        return Q @ np.linalg.solve(R @ R.T + lam * np.eye(n), R @ Y)
    return np.linalg.solve(R.T @ R + lam * np.eye(p), R.T @ (Q.T @ Y))


def ridge_path(X, y, lams):
    X, y = np.asarray(X), np.asarray(y)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    w = np.zeros((len(lams), X.shape[1]))
    for u, sigma, v in zip(U.T, s, Vt):
        if sigma / s[0] <= 1e-10:
            break
        w += np.outer(1 / (sigma + np.asarray(lams) / sigma), (u @ y) * v)
    return w


def degrees_of_freedom(X, lams):
    X = np.asarray(X)
    s = np.linalg.svd(X)[1]
    rank = np.linalg.matrix_rank(X, rtol=1e-10)
    return tuple(rank - np.sum(l / (s[:rank] ** 2 + l)) for l in np.asarray(lams))


def bias_variance(predictions, truth):
    mean, m2, m = 0.0, 0.0, 0
    for f in np.asarray(predictions):  # Welford
        m += 1
        delta = f - mean
        mean = mean + delta / m
        m2 = m2 + delta * (f - mean)
    return np.array([np.mean((mean - np.asarray(truth)) ** 2), np.mean(m2 / m)])


def unbiased_bias_variance(predictions, truth):
    e = np.asarray(predictions) - np.asarray(truth)
    m = len(e)
    off = e.sum(axis=0) ** 2 - (e**2).sum(axis=0)  # pairs of different members
    bias2 = np.mean(off) / (m * (m - 1))
    return np.float64(bias2), np.float64(np.mean(e**2) - bias2)


def error_modes(X, residuals, X_test, w_star):
    X, e, T, w = map(np.asarray, (X, residuals, X_test, w_star))
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    inside = np.linalg.lstsq(X, X @ w, rcond=None)[0]  # what the fit finds of the teacher without residuals
    return T @ (inside - w), np.einsum("tk,jk,ij,i->tj", T, Vt, U, e) / s


def hat_matrix(X, lam):
    X = np.asarray(X)
    n = len(X)
    # (K + lam) a + 1 b = y, 1^T a = 0: the residuals are lam a.
    system = np.block([[X @ X.T + lam * np.eye(n), np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    return np.eye(n) - lam * np.linalg.inv(system)[:n, :n]


def loo_residuals(X, y, lam):
    X, y = np.asarray(X), np.asarray(y)
    n = len(X)
    system = np.block([[X @ X.T + lam * np.eye(n), np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
    inverse = np.linalg.inv(system)[:n, :n]
    return inverse @ y / np.diag(inverse)


def interpolator_loo(K, Y):
    K, Y = np.asarray(K), np.asarray(Y)
    scale = np.trace(K)
    values, V = np.linalg.eigh(K / scale)
    return np.array([(V[i] / values) @ (V.T @ Y) / ((V[i] ** 2 / values).sum()) for i in range(len(K))])


def interpolator_gcv(K, Y):
    K, Y = np.asarray(K), np.asarray(Y)
    A = np.linalg.solve(K, np.concatenate([Y, np.eye(len(K))], axis=1))
    k = Y.shape[1]
    return len(K) * np.diag(A[:, :k].T @ A[:, :k]) / np.trace(A[:, k:]) ** 2

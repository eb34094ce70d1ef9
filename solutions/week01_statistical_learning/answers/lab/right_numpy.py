"""NumPy in float64: eigenvectors of the smaller Gram matrix, pseudoinverses, least squares with extra rows."""

import numpy as np


def ridge(X, Y, lam):
    X, Y = np.asarray(X), np.asarray(Y)
    if X.shape[0] < X.shape[1]:
        values, U = np.linalg.eigh(X @ X.T)
        return X.T @ (U @ ((U.T @ Y) / (values + lam)[:, None]))
    values, V = np.linalg.eigh(X.T @ X)
    return V @ ((V.T @ (X.T @ Y)) / (values + lam)[:, None])


def ridge_path(X, y, lams):
    X, y = np.asarray(X), np.asarray(y)
    rows = []
    for lam in np.asarray(lams):
        if lam == 0:
            rows.append(np.linalg.lstsq(X, y, rcond=1e-10)[0])
        else:
            U, s, Vt = np.linalg.svd(X)
            filters = np.zeros((X.shape[1], X.shape[0]))
            np.fill_diagonal(filters, s / (s**2 + lam))
            rows.append(Vt.T @ filters @ U.T @ y)
    return np.array(rows)


def degrees_of_freedom(X, lams):
    s = np.linalg.svd(np.asarray(X), compute_uv=False)
    rank = np.linalg.matrix_rank(np.asarray(X), tol=1e-10 * s.max())
    return np.array([rank if lam == 0 else np.sum(1 / (1 + lam / s[:rank] ** 2)) for lam in np.asarray(lams)], dtype=float)


def bias_variance(predictions, truth):
    predictions = np.asarray(predictions)
    total = np.mean((predictions - np.asarray(truth)) ** 2)
    variance = np.mean(np.var(predictions, axis=0))
    return total - variance, variance


def unbiased_bias_variance(predictions, truth):
    predictions = np.asarray(predictions)
    variance = np.var(predictions, axis=0, ddof=1).mean()
    return np.mean((predictions - np.asarray(truth)) ** 2) - variance, variance


def error_modes(X, residuals, X_test, w_star):
    X, residuals, X_test, w_star = map(np.asarray, (X, residuals, X_test, w_star))
    inverse = np.linalg.pinv(X)
    U = np.linalg.svd(X)[0][:, : min(X.shape)]
    modes = X_test @ inverse @ (U * (U.T @ residuals))
    return X_test @ (inverse @ X - np.eye(X.shape[1])) @ w_star, modes


def hat_matrix(X, lam):
    X = np.asarray(X)
    n = len(X)
    C = np.eye(n) - np.ones((n, n)) / n
    G = C @ X @ X.T @ C
    return np.ones((n, n)) / n + np.linalg.solve(G + lam * np.eye(n), G)


def loo_residuals(X, y, lam):
    kept_out = np.eye(len(X)) - hat_matrix(X, lam)
    return kept_out @ np.asarray(y) / kept_out.diagonal()


def interpolator_loo(K, Y):
    values, U = np.linalg.eigh(np.asarray(K))
    numerator = U @ ((U.T @ np.asarray(Y)) / values[:, None])
    return numerator / ((U**2) @ (1 / values))[:, None]


def interpolator_gcv(K, Y):
    values, U = np.linalg.eigh(np.asarray(K))
    return len(K) * (((U.T @ np.asarray(Y)) / values[:, None]) ** 2).sum(axis=0) / (1 / values).sum() ** 2

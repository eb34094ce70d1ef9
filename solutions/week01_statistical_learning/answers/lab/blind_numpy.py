"""Week 1 lab, solved by a stranger from the notebook alone: NumPy in float64, plain loops."""

import numpy as np


def ridge(X, Y, lam):
    X = np.asarray(X, dtype=np.float64)
    Y = np.asarray(Y, dtype=np.float64)
    n, p = X.shape
    if p <= n:
        return np.linalg.solve(X.T @ X + lam * np.eye(p), X.T @ Y)
    # gradient 0: lam W = X^T (Y - X W), so W = X^T A with (X X^T + lam I) A = Y
    A = np.linalg.solve(X @ X.T + lam * np.eye(n), Y)
    return X.T @ A


def ridge_path(X, y, lams):
    X = np.asarray(X, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    rank = sum(1 for value in s if value > 1e-10 * s[0])
    solutions = []
    for lam in np.asarray(lams, dtype=np.float64):
        w = np.zeros(X.shape[1])
        for j in range(rank):
            w = w + s[j] / (s[j] ** 2 + lam) * (U[:, j] @ y) * Vt[j]
        solutions.append(w)
    return np.array(solutions).reshape(-1, X.shape[1])


def degrees_of_freedom(X, lams):
    s = np.linalg.svd(np.asarray(X, dtype=np.float64), compute_uv=False)
    s = s[s > 1e-10 * s[0]]
    result = []
    for lam in np.asarray(lams, dtype=np.float64):
        result.append(np.sum(s**2 / (s**2 + lam)))
    return np.array(result)


def bias_variance(predictions, truth):
    predictions = np.asarray(predictions, dtype=np.float64)
    truth = np.asarray(truth, dtype=np.float64)
    centre = predictions.mean(axis=0)
    bias2 = np.mean((centre - truth) ** 2)
    variance = np.mean((predictions - centre) ** 2)
    return bias2, variance


def unbiased_bias_variance(predictions, truth):
    m = np.asarray(predictions).shape[0]
    bias2, variance = bias_variance(predictions, truth)
    variance = variance * m / (m - 1)
    # the mean of m members has variance / m of its own, which the plug-in takes for bias
    return bias2 - variance / m, variance


def error_modes(X, residuals, X_test, w_star):
    X = np.asarray(X, dtype=np.float64)
    e = np.asarray(residuals, dtype=np.float64)
    X_test = np.asarray(X_test, dtype=np.float64)
    w_star = np.asarray(w_star, dtype=np.float64)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    columns = []
    for j in range(len(s)):
        columns.append((X_test @ Vt[j]) * (U[:, j] @ e) / s[j])
    modes = np.stack(columns, axis=1)
    seen = Vt.T @ (Vt @ w_star)
    blind = X_test @ (seen - w_star)
    return blind, modes


def hat_matrix(X, lam):
    X = np.asarray(X, dtype=np.float64)
    n, p = X.shape
    Xc = X - X.mean(axis=0)
    if p <= n:
        H = Xc @ np.linalg.solve(Xc.T @ Xc + lam * np.eye(p), Xc.T)
    else:
        K = Xc @ Xc.T
        H = np.linalg.solve(K + lam * np.eye(n), K)
    H = (H + H.T) / 2
    # the intercept: centring y and adding the mean back; Xc^T y = Xc^T (y - mean)
    return H + np.ones((n, n)) / n


def loo_residuals(X, y, lam):
    y = np.asarray(y, dtype=np.float64)
    H = hat_matrix(X, lam)
    fitted = H @ y
    return np.array([(y[i] - fitted[i]) / (1 - H[i, i]) for i in range(len(y))])


def interpolator_loo(K, Y):
    K = np.asarray(K, dtype=np.float64)
    Y = np.asarray(Y, dtype=np.float64)
    # I - H = lam (K + lam I)^{-1}: lam cancels in the quotient
    inverse = np.linalg.inv(K)
    return (inverse @ Y) / np.diag(inverse)[:, None]


def interpolator_gcv(K, Y):
    K = np.asarray(K, dtype=np.float64)
    Y = np.asarray(Y, dtype=np.float64)
    n = K.shape[0]
    inverse = np.linalg.inv(K)
    left = inverse @ Y
    return np.mean(left**2, axis=0) / (np.trace(inverse) / n) ** 2

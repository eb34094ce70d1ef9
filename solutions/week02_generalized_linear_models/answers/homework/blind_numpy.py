"""Week 2 homework, solved the way a physicist would: NumPy, plain loops, float64."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize


def kl_divergence(log_partition, theta1, theta2):
    theta1 = jnp.array(theta1, dtype=float)
    theta2 = jnp.array(theta2, dtype=float)
    slope = jax.grad(log_partition)(theta1)
    return float(log_partition(theta2) - log_partition(theta1) - (theta2 - theta1) @ slope)


def natural_parameters(log_partition, mean, start):
    m = np.array(mean, dtype=np.float64)
    theta = np.array(start, dtype=np.float64)
    grad_A = jax.grad(log_partition)
    hess_A = jax.hessian(log_partition)

    def f(th):
        return float(log_partition(jnp.array(th))) - float(th @ m)

    value = f(theta)
    for _ in range(1000):
        g = np.array(grad_A(jnp.array(theta))) - m
        H = np.array(hess_A(jnp.array(theta)))
        # Newton direction, along the axes of H; far out H may have rounded to something that is not positive
        values, axes = np.linalg.eigh((H + H.T) / 2)
        floor = max(1e-14 * values.max(), 1e-100)
        d = -axes @ ((axes.T @ g) / np.maximum(values, floor))
        if np.max(np.abs(d)) < 1e-12 * (1 + np.max(np.abs(theta))):
            break
        t, found = 1.0, False
        for _ in range(500):
            trial = theta + t * d
            new = f(trial)
            if np.isfinite(new) and new < value + 1e-4 * t * (g @ d):
                found = True
                break
            t = t / 2
        if not found:
            # rounding: the value no longer falls; one last full step if it makes the gradient smaller
            trial = theta + d
            g_new = np.array(grad_A(jnp.array(trial))) - m
            if np.isfinite(f(trial)) and np.linalg.norm(g_new) < np.linalg.norm(g):
                theta, value = trial, f(trial)
                continue
            break
        theta, value = trial, new
    return theta


def softmax_hessian(W, X):
    W = np.array(W, dtype=np.float64)
    X = np.array(X, dtype=np.float64)
    p, K = W.shape
    Z = X @ W
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    H = np.zeros((p, K, p, K))
    for k in range(K):
        for m in range(K):
            if k == m:
                # p (1 - p), with 1 - p as the sum of the others: nothing cancels
                c = P[:, k] * np.delete(P, k, axis=1).sum(axis=1)
            else:
                c = -P[:, k] * P[:, m]
            H[:, k, :, m] = X.T @ (c[:, None] * X)
    return H.reshape(p * K, p * K)


def null_dimension(X, K):
    X = np.array(X, dtype=np.float64)
    s = np.linalg.svd(X, compute_uv=False)
    rank = 0
    for value in s:
        if value > 1e-6 * s[0]:
            rank += 1
    return X.shape[1] * K - rank * (K - 1)


def ridge_scores(X, y, lambdas):
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    n = len(y)
    U, s, _ = np.linalg.svd(X, full_matrices=True)
    s2 = np.zeros(n)
    s2[: len(s)] = s**2
    Uy = U.T @ y
    loo, gcv = [], []
    for lam in np.array(lambdas, dtype=np.float64):
        left = lam / (s2 + lam)  # eigenvalues of 1 - H, no cancellation
        r = U @ (left * Uy)
        loo.append(float(np.mean((r / (U**2 @ left)) ** 2)))
        gcv.append(float(np.mean((r / left.mean()) ** 2)))
    return loo, gcv


def separable_probability(n, p):
    n, p = int(n), int(p)
    if n <= p:
        return 1.0
    # Python's integers are exact, and their quotient is correctly rounded
    total, term = 0, 1
    for k in range(p):
        total += term
        term = term * (n - 1 - k) // (k + 1)
    return total / 2 ** (n - 1)


def is_separable(X, y):
    X = np.array(X, dtype=np.float64)
    Z = (2.0 * np.array(y) - 1.0)[:, None] * X
    length = np.sqrt((Z**2).sum(axis=1))
    if length.min() == 0:
        return False
    Z = Z / length.max()
    n, p = Z.shape
    # maximise t subject to Z w >= t, |w_j| <= 1
    c = np.zeros(p + 1)
    c[p] = -1.0
    A = np.hstack([-Z, np.ones((n, 1))])
    bounds = [(-1, 1)] * p + [(None, 1)]
    result = scipy.optimize.linprog(c, A_ub=A, b_ub=np.zeros(n), bounds=bounds)
    return bool(result.x[p] > 1e-3)


def approximate_loo(X, y, w, lam):
    X = np.array(X, dtype=np.float64)
    y = np.array(y, dtype=np.float64)
    w = np.array(w, dtype=np.float64)
    eta = X @ w
    left_out = []
    mu = np.array([1 / (1 + np.exp(-e)) if e > 0 else np.exp(e) / (1 + np.exp(e)) for e in eta])
    v = mu * (1 - mu)
    H = X.T @ (v[:, None] * X) + float(lam) * np.eye(X.shape[1])
    Hinv_X = np.linalg.solve(H, X.T)
    for i in range(len(y)):
        a = X[i] @ Hinv_X[:, i]
        left_out.append(eta[i] + (mu[i] - y[i]) * a / (1 - v[i] * a))
    return np.array(left_out)

"""NumPy and SciPy: Kronecker products, eigenvalues of the kernel matrix, binomial distribution, nonnegative least squares."""

import jax
import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats


def kl_divergence(log_partition, theta1, theta2):
    difference = np.asarray(theta2) - np.asarray(theta1)
    value, along = jax.jvp(log_partition, (theta1,), (difference,))
    return float(log_partition(theta2) - value - along)


def natural_parameters(log_partition, mean, start):
    # Damped by the gradient's norm: a full step, or a shorter one, that lowers |grad A - m| and stays where A is finite.
    mean, theta = np.asarray(mean), np.asarray(start, float)
    both = jax.jit(lambda t: (log_partition(t), jax.grad(log_partition)(t), jax.hessian(log_partition)(t)))
    height = lambda t: float(both(t)[0]) - mean @ t
    for _ in range(300):
        _, slope, H = (np.asarray(a) for a in both(theta))
        gradient = slope - mean
        values, V = np.linalg.eigh(H)
        step = -V @ ((V.T @ gradient) / values)
        if -gradient @ step < 1e-24:
            break
        for size in 0.5 ** np.arange(60):
            there = height(theta + size * step)
            if np.isfinite(there) and there <= height(theta) + 1e-4 * size * (gradient @ step) + 1e-14:
                break
        theta = theta + size * step
    return theta


def softmax_hessian(W, X):
    W, X = np.asarray(W), np.asarray(X)
    P = scipy.special.softmax(X @ W, axis=1)
    return sum(np.kron(np.outer(x, x), np.diag(p) - np.outer(p, p)) for x, p in zip(X, P, strict=True))


def null_dimension(X, K):
    X = np.asarray(X)
    values = np.linalg.eigvalsh(X.T @ X)
    rank = np.sum(values > 1e-11 * values[-1])
    return X.shape[1] * K - (K - 1) * rank


def ridge_scores(X, y, lambdas):
    X, y, lambdas = (np.asarray(a) for a in (X, y, lambdas))
    values, U = np.linalg.eigh(X @ X.T)
    left = lambdas[:, None] / (np.maximum(values, 0) + lambdas[:, None])  # eigenvalues of 1 - H
    residuals = np.einsum("ik,mk,k->mi", U, left, U.T @ y)
    complements = np.einsum("ik,mk->mi", U**2, left)
    loo = np.mean(np.square(residuals / complements), axis=1)
    return loo, np.mean(residuals**2, axis=1) / np.mean(complements, axis=1) ** 2


def separable_probability(n, p):
    # at most p - 1 heads in n - 1 tosses of a coin
    return scipy.stats.binom.cdf(p - 1, n - 1, 0.5)


def is_separable(X, y):
    # Gordan: either Z w > 0 has a solution, or some positive combination of the rows is 0
    Z = np.asarray(X) * np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None]
    scale = np.linalg.norm(Z, axis=1).max()
    if scale == 0:
        return False
    _, distance = scipy.optimize.nnls(np.vstack([Z.T / scale, np.ones(len(Z))]), np.eye(Z.shape[1] + 1)[-1])
    return bool(distance > 1e-4)


def approximate_loo(X, y, w, lam):
    X, y, w = (np.asarray(a) for a in (X, y, w))
    mu = scipy.special.expit(X @ w)
    root = np.sqrt(mu * (1 - mu))
    B = X * root[:, None]
    # by the kernel: x H^-1 x = (|x|^2 - k^T (B B^T + lam)^-1 k) / lam with k = B x
    K = B @ X.T
    a = (np.sum(X**2, axis=1) - np.sum(K * np.linalg.solve(B @ B.T + lam * np.eye(len(X)), K), axis=0)) / lam
    return X @ w - (y - mu) * a / (1 - root**2 * a)

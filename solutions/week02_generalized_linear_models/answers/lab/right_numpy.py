"""NumPy and SciPy throughout: logaddexp, expit, eigenvalues of X^T X, a general solver for the quadratic programme."""

import jax
import numpy as np
import scipy.optimize
import scipy.special


def logistic_loss(logits, y):
    sign = np.where(np.asarray(y) == 1, -1.0, 1.0)
    z = sign * np.asarray(logits)
    return np.logaddexp(0.0, z), sign * scipy.special.expit(z)


def softmax_regression(W, b, X, labels, weights, l2):
    W, b, X, weights, labels = (np.asarray(a) for a in (W, b, X, weights, labels))
    share, rows = weights / weights.sum(), np.arange(len(X))
    z = X @ W + b
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    total = e.sum(axis=1)
    loss = share @ (np.log(total) - z[rows, labels]) + 0.5 * l2 * (W**2).sum()
    error = e / total[:, None]
    error[rows, labels] -= 1
    error *= share[:, None]
    return loss, np.einsum("ij,ik->jk", X, error) + l2 * W, error.sum(axis=0)


def early_stopped(X, y, eta, steps):
    X, y = np.asarray(X), np.asarray(y)
    values, V = np.linalg.eigh(X.T @ X / len(X))
    rates = eta * np.maximum(values, 0)
    # the geometric sum eta (1 + r + ... + r^(T-1)) with r = 1 - rate; T eta where r = 1
    sums = np.where(rates > 1e-13, (1 - (1 - rates) ** steps) / np.where(rates > 1e-13, rates, 1), steps)
    return V @ (eta * sums * (V.T @ (X.T @ y / len(X))))


def max_margin(X, y):
    Z = np.asarray(X) * np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None]
    scale = np.linalg.norm(Z, axis=1).max()
    Z = Z / scale
    start = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-np.ones(len(Z)), bounds=(None, None)).x
    room = {"type": "ineq", "fun": lambda w: Z @ w - 1, "jac": lambda w: Z}
    found = scipy.optimize.minimize(
        lambda w: w @ w / 2, start, jac=lambda w: w, constraints=room, method="SLSQP", options={"ftol": 1e-14, "maxiter": 1000}
    )
    return found.x / scale


def glm_terms(log_partition, theta, X, y, offset):
    theta, X, y = (np.asarray(a) for a in (theta, X, y))
    eta = X @ theta + np.asarray(offset)
    values, means = (np.asarray(a) for a in jax.vmap(jax.value_and_grad(log_partition))(eta))
    variances = np.asarray(jax.vmap(jax.hessian(log_partition))(eta))
    return np.sum(values) - y @ eta, (means - y) @ X, np.einsum("n,ni,nj->ij", variances, X, X)


def newton_step(gradient, hessian, X):
    values, V = np.linalg.eigh(np.asarray(hessian))
    coordinates = V.T @ np.asarray(gradient)
    d = -V @ (coordinates / values)
    rho = np.linalg.norm(np.asarray(X) @ d, ord=np.inf)
    t = 1.0 if rho == 0 else np.log1p(rho) / rho
    return t * d, np.sqrt(np.sum(coordinates**2 / values))

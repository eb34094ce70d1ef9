"""JAX: log_sigmoid, vmap over examples, scan over the examples, the dual eigenproblem, bounded dual ascent, jax.hessian."""

import jax
import jax.numpy as jnp
import numpy as np


def logistic_loss(logits, y):
    sign = 2.0 * y - 1.0
    return -jax.nn.log_sigmoid(sign * logits), -sign * jax.nn.sigmoid(-sign * logits)


def softmax_regression(W, b, X, labels, weights, l2):
    def add(carry, example):
        x, label, v = example
        log_p = jax.nn.log_softmax(W.T @ x + b)
        error = jnp.exp(log_p).at[label].add(-1.0)
        loss, dW, db = carry
        return (loss - v * log_p[label], dW + v * jnp.outer(x, error), db + v * error), None

    start = (jnp.zeros(()), jnp.zeros(W.shape), jnp.zeros(b.shape))
    (loss, dW, db), _ = jax.lax.scan(add, start, (X, jnp.asarray(labels), weights))
    total = weights.sum()
    return loss / total + l2 * jnp.vdot(W, W) / 2, dW / total + l2 * W, db / total


def early_stopped(X, y, eta, steps):
    # w stays in the span of the rows: w = X^T a, with a(T) from the kernel matrix
    values, U = jnp.linalg.eigh(X @ X.T / len(y))
    rate = eta * jnp.maximum(values, 0.0)
    small = rate < 1e-12
    geometric = jnp.where(small, float(steps), (1 - (1 - rate) ** steps) / jnp.where(small, 1.0, rate))
    return X.T @ (U @ (geometric * (U.T @ y))) * eta / len(y)


def max_margin(X, y):
    # Wolfe's (1976) algorithm for the point of a convex hull that is nearest to 0
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    Z = Z / (scale := np.abs(Z).max())
    corral, weights = [int(np.argmin((Z**2).sum(axis=1)))], np.ones(1)
    for _ in range(500):
        nearest = weights @ Z[corral]
        candidate = int(np.argmin(Z @ nearest))
        if Z[candidate] @ nearest > nearest @ nearest * (1 - 1e-12) or candidate in corral:
            break
        corral, weights = [*corral, candidate], np.append(weights, 0.0)
        while True:
            m = len(corral)
            system = np.block([[np.zeros((1, 1)), np.ones((1, m))], [np.ones((m, 1)), Z[corral] @ Z[corral].T]])
            affine = np.linalg.lstsq(system, np.eye(m + 1)[0])[0][1:]
            if np.all(affine > 1e-13):
                weights = affine
                break
            outside = affine <= 1e-13
            move = np.min(weights[outside] / np.maximum(weights[outside] - affine[outside], 1e-300))
            weights = weights + move * (affine - weights)
            keep = weights > 1e-13
            corral, weights = [c for c, k in zip(corral, keep, strict=True) if k], weights[keep]
    nearest = weights @ Z[corral]
    return jnp.asarray(nearest / (nearest @ nearest) / scale)


def glm_terms(log_partition, theta, X, y, offset):
    def loss(theta):
        eta = jnp.einsum("np,p->n", X, theta) + offset
        return jnp.sum(jnp.stack([log_partition(e) for e in eta])) - jnp.vdot(y, eta)

    return loss(theta), jax.grad(loss)(theta), jax.hessian(loss)(theta)


def newton_step(gradient, hessian, X):
    L = jnp.linalg.cholesky(hessian)
    half = jax.scipy.linalg.solve_triangular(L, gradient, lower=True)
    d = -jax.scipy.linalg.solve_triangular(L.T, half, lower=False)
    rho = jnp.linalg.norm(X @ d, jnp.inf)
    t = jax.lax.cond(rho == 0, lambda r: 1.0, lambda r: jnp.log1p(r) / r, rho)
    return t * d, jnp.linalg.norm(half)

"""Inputs and targets are centred first, as a library with an intercept does.

question: ridge
fails: TestRidge::test_more_examples_than_weights
kind: usual
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y)

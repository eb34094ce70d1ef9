"""Eigenvalues of X^T X: singular values below 1e-8 of the largest drown in rounding, and 1e-7 with them.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    squares, V = jnp.linalg.eigh(X.T @ X)
    good = squares > 1e-12 * squares[-1]
    filters = jnp.where(good, 1 / (jnp.where(good, squares, 1.0) + lams[:, None]), 0.0)
    return (filters * (V.T @ (X.T @ y))) @ V.T


def degrees_of_freedom(X, lams):
    squares = jnp.linalg.eigvalsh(X.T @ X)
    squares = squares[squares > 1e-12 * squares[-1]]
    return (squares / (squares + lams[:, None])).sum(axis=1)

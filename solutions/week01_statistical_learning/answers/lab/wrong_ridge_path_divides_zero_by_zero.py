"""Zero singular values are kept: 0/0 at lambda = 0.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: usual
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return (s / (s**2 + lams[:, None]) * (U.T @ y)) @ Vt


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    return (s**2 / (s**2 + lams[:, None])).sum(axis=1)

"""Only what is exactly 0 counts as zero: rounding errors of 1e-17 are inverted.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: usual
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return (jnp.where(s > 0, s / (jnp.where(s > 0, s, 1.0) ** 2 + lams[:, None]), 0.0) * (U.T @ y)) @ Vt


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = jnp.where(s > 0, s, 1.0) ** 2
    return jnp.where(s > 0, squares / (squares + lams[:, None]), 0.0).sum(axis=1)

"""What counts as zero is 1e-10 itself, whatever the units of the data.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    good = s > 1e-10
    return (jnp.where(good, s / (jnp.where(good, s, 1.0) ** 2 + lams[:, None]), 0.0) * (U.T @ y)) @ Vt


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = s[s > 1e-10] ** 2
    return (squares / (squares + lams[:, None])).sum(axis=1)

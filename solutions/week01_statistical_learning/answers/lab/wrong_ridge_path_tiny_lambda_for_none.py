"""lambda = 0 is replaced by 1e-8: no limit, and not small in other units.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return (s / (s**2 + jnp.maximum(lams, 1e-8)[:, None]) * (U.T @ y)) @ Vt

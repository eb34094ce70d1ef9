"""The path is returned for increasing lambdas, whatever their order.

question: ridge_path
fails: TestRidgePath::test_solutions_for_positive_lambdas
kind: subtle
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    good = s > 1e-10 * s[0]
    filters = jnp.where(good, s / (jnp.where(good, s, 1.0) ** 2 + jnp.sort(lams)[:, None]), 0.0)
    return (filters * (U.T @ y)) @ Vt

"""lambda is multiplied by n.

question: ridge_path
fails: TestRidgePath::test_solutions_for_positive_lambdas
kind: usual
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    good = s > 1e-10 * s[0]
    filters = jnp.where(good, s / (jnp.where(good, s, 1.0) ** 2 + len(y) * lams[:, None]), 0.0)
    return (filters * (U.T @ y)) @ Vt


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = s[s > 1e-10 * s[0]] ** 2
    return (squares / (squares + len(X) * lams[:, None])).sum(axis=1)

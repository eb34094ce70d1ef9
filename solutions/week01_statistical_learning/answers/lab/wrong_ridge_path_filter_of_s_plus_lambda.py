"""The singular values get lambda added, not their squares: 1 / (s + lambda).

question: ridge_path
fails: TestRidgePath::test_solutions_for_positive_lambdas
kind: usual
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    good = s > 1e-10 * s[0]
    return (jnp.where(good, 1 / (jnp.where(good, s, 1.0) + lams[:, None]), 0.0) * (U.T @ y)) @ Vt

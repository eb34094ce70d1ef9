"""By singular values; those below 1e-3 of the largest are dropped.

question: ridge
fails: TestRidge::test_square_for_weak_and_strong_ridge
fails: TestRidge::test_two_hundred_thousand_on_either_side
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    f = jnp.where(s > 1e-3 * s[0], s / (s**2 + lam), 0.0)
    return Vt.T @ (f[:, None] * (U.T @ Y))

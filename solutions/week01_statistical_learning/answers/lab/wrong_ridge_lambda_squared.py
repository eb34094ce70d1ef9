"""lambda is added to singular values before they are squared, as if the penalty were lambda^2 |W|^2.

question: ridge
fails: TestRidge::test_more_examples_than_weights
kind: usual
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return Vt.T @ ((s / (s**2 + lam**2))[:, None] * (U.T @ Y))

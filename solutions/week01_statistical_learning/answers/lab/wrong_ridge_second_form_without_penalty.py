"""The second form is the interpolator: lambda was left out where n < p.

question: ridge
fails: TestRidge::test_more_weights_than_examples
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T, Y)

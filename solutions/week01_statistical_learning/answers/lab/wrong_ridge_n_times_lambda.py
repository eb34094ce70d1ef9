"""The penalty of the mean squared error: lambda is multiplied by n.

question: ridge
fails: TestRidge::test_more_examples_than_weights
kind: usual
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + n * lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T + n * lam * jnp.eye(n), Y)

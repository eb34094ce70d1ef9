"""The dual coefficients are shrunk as if they were the weights: lambda |A|^2.

question: ridge
fails: TestRidge::test_more_weights_than_examples
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    K = X @ X.T
    return X.T @ jnp.linalg.solve(K @ K + lam * jnp.eye(n), K @ Y)

"""The second form is multiplied by X^T as if Y were square: X^T A with A from the transposed system.

question: ridge
fails: TestRidge::test_more_weights_than_examples
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p < n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ Y / (jnp.linalg.eigvalsh(X @ X.T)[-1] + lam)

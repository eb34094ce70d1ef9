"""In the second form the first output is used for all.

question: ridge
fails: TestRidge::test_more_weights_than_examples
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    a = jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y[:, 0])
    return jnp.tile((X.T @ a)[:, None], (1, Y.shape[1]))

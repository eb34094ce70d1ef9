"""Works in float32 inside and returns float64.

question: ridge
fails: TestRidge::test_two_hundred_thousand_on_either_side
kind: subtle
"""

import jax.numpy as jnp


def ridge(X, Y, lam):
    X, Y = jnp.asarray(X, jnp.float32), jnp.asarray(Y, jnp.float32)
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p, dtype=jnp.float32), X.T @ Y).astype(jnp.float64)
    return (X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n, dtype=jnp.float32), Y)).astype(jnp.float64)

"""Real refits, but each with lambda (n - 1)/n, as if lambda belonged to a mean.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: subtle
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    n, p = X.shape
    found = []
    for i in range(n):
        A, b = jnp.delete(X, i, axis=0), jnp.delete(y, i)
        centred = A - A.mean(axis=0)
        w = jnp.linalg.solve(centred.T @ centred + lam * (n - 1) / n * jnp.eye(p), centred.T @ b)
        found.append(y[i] - b.mean() - (X[i] - A.mean(axis=0)) @ w)
    return jnp.array(found)

"""The mean of (1 - h)^2 is taken for the square of the mean.

question: loo_gcv
fails: TestLooGcv::test_generalized
kind: usual
"""

import jax.numpy as jnp


def ridge_scores(X, y, lambdas):
    U, s, _ = jnp.linalg.svd(X, full_matrices=False)
    shares = s**2 / (s**2 + lambdas[:, None])
    r = y - (shares * (U.T @ y)) @ U.T
    h = shares @ (U**2).T
    loo = jnp.mean((r / (1 - h)) ** 2, axis=1)
    gcv = jnp.mean(r**2, axis=1) / jnp.mean((1 - h) ** 2, axis=1)
    return loo, gcv

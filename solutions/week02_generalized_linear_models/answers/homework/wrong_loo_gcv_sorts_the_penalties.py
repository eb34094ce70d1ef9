"""The scores come in the order of growing penalties.

question: loo_gcv
kind: usual
fails: TestLooGcv::test_leave_one_out
fails: TestLooGcv::test_generalized
"""

import jax.numpy as jnp


def ridge_scores(X, y, lambdas):
    U, s, _ = jnp.linalg.svd(X, full_matrices=False)
    shares = s**2 / (s**2 + jnp.sort(lambdas)[:, None])
    residuals = y - (shares * (U.T @ y)) @ U.T
    leverages = shares @ (U**2).T
    loo = jnp.mean((residuals / (1 - leverages)) ** 2, axis=1)
    return loo, jnp.mean(residuals**2, axis=1) / (1 - jnp.mean(leverages, axis=1)) ** 2

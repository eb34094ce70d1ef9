"""Multiplied by K_ii, as if the diagonal of the inverse were the inverse of the diagonal.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    return jnp.linalg.solve(K, Y) * jnp.diag(K)[:, None]

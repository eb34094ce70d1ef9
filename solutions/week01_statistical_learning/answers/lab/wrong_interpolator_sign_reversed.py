"""Prediction minus target.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    inverse = jnp.linalg.inv(K)
    return -(inverse @ Y) / jnp.diag(inverse)[:, None]

"""An interpolator has no residuals: all zeros.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    return jnp.zeros_like(Y)


def interpolator_gcv(K, Y):
    return jnp.zeros(Y.shape[1])

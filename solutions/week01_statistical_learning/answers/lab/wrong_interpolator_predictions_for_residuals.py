"""The predictions by the others, not the residuals.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    inverse = jnp.linalg.inv(K)
    return Y - (inverse @ Y) / jnp.diag(inverse)[:, None]

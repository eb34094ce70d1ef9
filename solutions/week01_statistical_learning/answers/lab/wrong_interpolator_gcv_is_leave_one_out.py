"""The mean square of the leave-one-out residuals: each leverage for itself.

question: interpolator
fails: TestInterpolator::test_generalized_cross_validation
kind: usual
"""

import jax.numpy as jnp


def interpolator_gcv(K, Y):
    inverse = jnp.linalg.inv(K)
    return jnp.mean(((inverse @ Y) / jnp.diag(inverse)[:, None]) ** 2, axis=0)

"""The mean of squared leverages below, not the square of their mean.

question: interpolator
fails: TestInterpolator::test_generalized_cross_validation
kind: subtle
"""

import jax.numpy as jnp


def interpolator_gcv(K, Y):
    inverse = jnp.linalg.inv(K)
    return jnp.mean((inverse @ Y) ** 2, axis=0) / jnp.mean(jnp.diag(inverse) ** 2)

"""GCV is averaged over outputs too, the same number for each.

question: interpolator
fails: TestInterpolator::test_generalized_cross_validation
kind: usual
"""

import jax.numpy as jnp


def interpolator_gcv(K, Y):
    inv = jnp.linalg.inv(K)
    return jnp.full(Y.shape[1], jnp.mean((inv @ Y) ** 2) / jnp.mean(jnp.diag(inv)) ** 2)

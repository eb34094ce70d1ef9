"""A jitter of 1e-8 of the mean diagonal, added to K by habit.

question: interpolator
fails: TestInterpolator::test_left_out_of_an_ill_conditioned_kernel
fails: TestInterpolator::test_generalized_cross_validation_of_an_ill_conditioned_kernel
kind: usual
"""

import jax.numpy as jnp


def _inverse(K):
    return jnp.linalg.inv(K + 1e-8 * jnp.trace(K) / len(K) * jnp.eye(len(K)))


def interpolator_loo(K, Y):
    inverse = _inverse(K)
    return (inverse @ Y) / jnp.diag(inverse)[:, None]


def interpolator_gcv(K, Y):
    inverse = _inverse(K)
    return jnp.mean((inverse @ Y) ** 2, axis=0) / jnp.mean(jnp.diag(inverse)) ** 2

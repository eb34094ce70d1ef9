"""The quotients at lambda = 1e-6, for every kernel.

question: interpolator
fails: TestInterpolator::test_left_out_of_an_ill_conditioned_kernel
fails: TestInterpolator::test_generalized_cross_validation_of_an_ill_conditioned_kernel
kind: usual
"""

import jax.numpy as jnp


def _hat(K):
    return K @ jnp.linalg.inv(K + 1e-6 * jnp.eye(len(K)))


def interpolator_loo(K, Y):
    H = _hat(K)
    return (Y - H @ Y) / (1.0 - jnp.diag(H))[:, None]


def interpolator_gcv(K, Y):
    H = _hat(K)
    return jnp.mean((Y - H @ Y) ** 2, axis=0) / jnp.mean(1.0 - jnp.diag(H)) ** 2

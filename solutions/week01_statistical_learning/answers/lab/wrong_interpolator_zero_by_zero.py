"""The shortcut at lambda = 0: 0/0.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    H = K @ jnp.linalg.inv(K)
    return (Y - H @ Y) / (1.0 - jnp.diag(H))[:, None]


def interpolator_gcv(K, Y):
    H = K @ jnp.linalg.inv(K)
    return jnp.mean((Y - H @ Y) ** 2, axis=0) / jnp.mean(1.0 - jnp.diag(H)) ** 2

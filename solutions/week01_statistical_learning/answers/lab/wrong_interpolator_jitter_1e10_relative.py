"""A jitter of 1e-10 of the mean diagonal.

question: interpolator
fails: TestInterpolator::test_left_out_of_an_ill_conditioned_kernel
kind: subtle
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    inv = jnp.linalg.inv(K + 1e-10 * jnp.mean(jnp.diag(K)) * jnp.eye(len(K)))
    return (inv @ Y) / jnp.diag(inv)[:, None]


def interpolator_gcv(K, Y):
    inv = jnp.linalg.inv(K + 1e-10 * jnp.mean(jnp.diag(K)) * jnp.eye(len(K)))
    return jnp.mean((inv @ Y) ** 2, axis=0) / jnp.mean(jnp.diag(inv)) ** 2

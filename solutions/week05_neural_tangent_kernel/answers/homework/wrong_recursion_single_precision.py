"""All in single precision.

question: recursion
fails: TestRecursion::test_many_layers_equal_opposite_and_zero_inputs
kind: subtle
"""

import jax.numpy as jnp


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    first = lambda products: weight_variance * products / x1.shape[1] + bias_variance
    K, q1, q2 = first(x1 @ x2.T), first(jnp.sum(x1**2, axis=1)), first(jnp.sum(x2**2, axis=1))
    Theta = K
    for _ in range(depth):
        scale = jnp.sqrt(q1)[:, None] * jnp.sqrt(q2)
        angle = jnp.arccos(jnp.clip(K / scale, -1.0, 1.0))
        K = weight_variance * scale / 2 * (jnp.sin(angle) + jnp.cos(angle) * (jnp.pi - angle)) / jnp.pi + bias_variance
        Theta = K + weight_variance * Theta * (jnp.pi - angle) / jnp.pi / 2
        q1, q2 = weight_variance * q1 / 2 + bias_variance, weight_variance * q2 / 2 + bias_variance
    return Theta, K

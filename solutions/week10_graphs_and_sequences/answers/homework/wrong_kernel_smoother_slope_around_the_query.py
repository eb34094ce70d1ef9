"""Keys are measured from the query, values not from their mean.

question: kernel_smoother
fails: TestKernelSmoother::test_slope
kind: usual
"""

import jax
import jax.numpy as jnp


def smoother_slope(query, keys, values, bandwidth):
    w = jax.nn.softmax(-jnp.sum((keys - query) ** 2, axis=1) / (2 * bandwidth**2))
    return values.T @ (w[:, None] * (keys - query)) / bandwidth**2

"""Single precision.

question: divergence
fails: TestDivergence::test_four_outcomes
kind: subtle
"""

import jax
import jax.numpy as jnp


def kl_divergence(log_partition, theta1, theta2):
    theta1, theta2 = jnp.float32(theta1), jnp.float32(theta2)
    a, m = jax.value_and_grad(log_partition)(theta1)
    d = theta2 - theta1
    return log_partition(theta2) - a - jnp.sum(d * m)

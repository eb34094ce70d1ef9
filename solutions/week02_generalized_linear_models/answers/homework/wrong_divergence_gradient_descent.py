"""Gradient descent with a fixed step.

question: divergence
fails: TestDivergence::test_far_starts
fails: TestDivergence::test_matching_a_mean
kind: usual
"""

import jax
import jax.numpy as jnp


def natural_parameters(log_partition, mean, start):
    theta, slope = jnp.asarray(start), jax.jit(jax.grad(log_partition))
    for _ in range(500):
        theta = theta - 0.1 * (slope(theta) - mean)
    return theta

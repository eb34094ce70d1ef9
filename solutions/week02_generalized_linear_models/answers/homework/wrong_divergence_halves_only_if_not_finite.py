"""The step is halved only where A is not finite, and clipped to length 1: it still overshoots for ever.

question: divergence
fails: TestDivergence::test_far_starts
kind: usual
"""

import jax
import jax.numpy as jnp


def natural_parameters(log_partition, mean, start):
    theta = jnp.asarray(start)
    for _ in range(12):
        step = jnp.linalg.solve(jax.hessian(log_partition)(theta), jax.grad(log_partition)(theta) - mean)
        step = step / jnp.maximum(1.0, jnp.linalg.norm(step))
        while not jnp.isfinite(log_partition(theta - step)):
            step = step / 2
        theta = theta - step
    return theta

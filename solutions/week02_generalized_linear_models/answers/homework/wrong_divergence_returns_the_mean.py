"""The mean parameters themselves.

question: divergence
fails: TestDivergence::test_matching_a_mean
kind: usual
"""

import jax.numpy as jnp


def natural_parameters(log_partition, mean, start):
    return jnp.asarray(mean)

"""The mean of both orders.

question: divergence
fails: TestDivergence::test_counts
kind: usual
"""

import jax


def kl_divergence(log_partition, theta1, theta2):
    slope = jax.grad(log_partition)
    return (theta2 - theta1) @ (slope(theta2) - slope(theta1)) / 2

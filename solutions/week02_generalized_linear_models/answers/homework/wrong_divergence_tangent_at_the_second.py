"""The tangent touches at the second argument.

question: divergence
fails: TestDivergence::test_counts
kind: usual
"""

import jax


def kl_divergence(log_partition, theta1, theta2):
    return log_partition(theta2) - log_partition(theta1) - (theta2 - theta1) @ jax.grad(log_partition)(theta2)

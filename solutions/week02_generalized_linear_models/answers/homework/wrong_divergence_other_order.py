"""The arguments are exchanged: KL(p2 || p1).

question: divergence
fails: TestDivergence::test_counts
fails: TestDivergence::test_four_outcomes
kind: usual
"""

import jax


def kl_divergence(log_partition, theta1, theta2):
    return log_partition(theta1) - log_partition(theta2) - (theta1 - theta2) @ jax.grad(log_partition)(theta2)

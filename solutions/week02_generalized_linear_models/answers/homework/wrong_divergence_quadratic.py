"""The quadratic approximation with the Fisher information.

question: divergence
fails: TestDivergence::test_counts
fails: TestDivergence::test_four_outcomes
kind: usual
"""

import jax


def kl_divergence(log_partition, theta1, theta2):
    move = theta2 - theta1
    return move @ jax.hessian(log_partition)(theta1) @ move / 2

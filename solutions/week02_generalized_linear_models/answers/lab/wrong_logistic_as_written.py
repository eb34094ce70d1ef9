"""The formulas as they stand: the logarithm of a probability that has become 0.

question: logistic
fails: TestLogistic::test_huge_logits
kind: usual
"""

import jax.numpy as jnp


def logistic_loss(logits, y):
    p = 1 / (1 + jnp.exp(-logits))
    return -(y * jnp.log(p) + (1 - y) * jnp.log(1 - p)), p - y

"""The exact rate by JAX's logarithm, which rounds 1 - eta lam to float32 first.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: usual
"""

import jax.numpy as jnp


def backward_rate(lam, eta, order):
    if order is None:
        if eta * lam >= 1:
            raise ValueError("no flow does that")
        return -jnp.log(1 - eta * lam) / eta
    return sum(lam * (eta * lam) ** j / (j + 1) for j in range(order))

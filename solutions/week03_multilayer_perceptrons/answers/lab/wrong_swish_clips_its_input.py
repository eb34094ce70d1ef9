"""Overflow avoided by clipping the input, which cuts off the activation as well.

question: swish
fails: TestSwish::test_far_from_zero_the_gate_is_open_or_shut
kind: usual
"""

import jax.numpy as jnp


def swish(z, beta):
    z = jnp.clip(z, -20.0, 20.0)
    return z / (1.0 + jnp.exp(-beta * z))

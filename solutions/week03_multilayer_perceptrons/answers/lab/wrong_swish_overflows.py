"""The sigmoid as e^t / (1 + e^t): inf / inf for large inputs.

question: swish
fails: TestSwish::test_far_from_zero_the_gate_is_open_or_shut
kind: usual
"""

import jax.numpy as jnp


def swish(z, beta):
    e = jnp.exp(beta * z)
    return z * e / (1.0 + e)


def swish_slope(z, beta):
    e = jnp.exp(beta * z)
    gate = e / (1.0 + e)
    return gate + beta * z * gate * (1.0 - gate)

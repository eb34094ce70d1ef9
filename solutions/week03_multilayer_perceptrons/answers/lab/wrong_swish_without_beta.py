"""The gate ignores beta.

question: swish
fails: TestSwish::test_input_times_gate
fails: TestSwish::test_slope_is_the_derivative
kind: usual
"""

import jax


def swish(z, beta):
    return z * jax.nn.sigmoid(z)


def swish_slope(z, beta):
    gate = jax.nn.sigmoid(z)
    return gate + z * gate * (1.0 - gate)

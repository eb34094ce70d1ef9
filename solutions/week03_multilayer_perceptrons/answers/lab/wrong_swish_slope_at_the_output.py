"""The gate of the slope is evaluated at the output instead of the input.

question: swish
fails: TestSwish::test_slope_is_the_derivative
kind: usual
"""

import jax


def swish_slope(z, beta):
    gate = jax.nn.sigmoid(beta * swish(z, beta))
    return gate + beta * z * gate * (1.0 - gate)

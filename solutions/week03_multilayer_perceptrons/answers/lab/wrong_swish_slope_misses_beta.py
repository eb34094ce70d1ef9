"""The chain rule forgotten: the factor beta is missing.

question: swish
fails: TestSwish::test_slope_is_the_derivative
kind: usual
"""

import jax


def swish_slope(z, beta):
    gate = jax.nn.sigmoid(beta * z)
    return gate + z * gate * (1.0 - gate)

"""The gate treated as a constant: half of the product rule.

question: swish
fails: TestSwish::test_slope_is_the_derivative
kind: usual
"""

import jax


def swish_slope(z, beta):
    return jax.nn.sigmoid(beta * z)

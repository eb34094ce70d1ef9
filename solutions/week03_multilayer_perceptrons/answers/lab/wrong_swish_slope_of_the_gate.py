"""The derivative of the gate for the derivative of the product.

question: swish
fails: TestSwish::test_slope_is_the_derivative
fails: TestSwish::test_far_from_zero_the_gate_is_open_or_shut
kind: usual
"""

import jax


def swish_slope(z, beta):
    gate = jax.nn.sigmoid(beta * z)
    return beta * gate * (1.0 - gate)

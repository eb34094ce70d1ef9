"""The ReLU in place of the activation that was given.

question: forward
fails: TestForward::test_one_hidden_layer
fails: TestForward::test_deep_and_square
kind: usual
"""

import jax.numpy as jnp


def forward(params, x, phi):
    h = x
    for W, b in params[:-1]:
        h = jnp.maximum(h @ W + b, 0.0)
    W, b = params[-1]
    return h @ W + b

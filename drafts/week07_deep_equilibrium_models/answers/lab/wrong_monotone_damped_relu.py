"""The relu of the layer, then damped: not the same where a unit is off.

question: monotone
fails: TestMonotone::test_forward_backward_steps
kind: usual
"""

import jax
import jax.numpy as jnp


def forward_backward(W, b, alpha, steps):
    z = jnp.zeros_like(b)
    for _ in range(steps):
        z = z + alpha * (jax.nn.relu(z @ W.T + b) - z)
    return z

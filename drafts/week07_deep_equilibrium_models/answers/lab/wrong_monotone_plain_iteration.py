"""The layer again and again.

question: monotone
fails: TestMonotone::test_forward_backward_steps
kind: usual
"""

import jax
import jax.numpy as jnp


def forward_backward(W, b, alpha, steps):
    z = jnp.zeros_like(b)
    for _ in range(steps):
        z = jax.nn.relu(z @ W.T + b)
    return z

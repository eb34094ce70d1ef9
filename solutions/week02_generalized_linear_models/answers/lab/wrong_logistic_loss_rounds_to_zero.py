"""Stable for huge logits, but log(1 + e) loses a tiny e, and p - 1 is 0.

question: logistic
fails: TestLogistic::test_tiny_losses_and_slopes
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    loss = jnp.maximum(logits, 0.0) - logits * y + jnp.log(1 + jnp.exp(-jnp.abs(logits)))
    return loss, jax.nn.sigmoid(logits) - y

"""The loss is exact; the slope is a stable sigmoid minus the label, which is 0 beyond a margin of 37.

question: logistic
fails: TestLogistic::test_tiny_losses_and_slopes
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    return jnp.logaddexp(0.0, jnp.where(y == 1, -logits, logits)), jax.nn.sigmoid(logits) - y

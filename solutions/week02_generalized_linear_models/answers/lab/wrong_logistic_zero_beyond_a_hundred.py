"""Margins above 100 are declared perfect.

question: logistic
fails: TestLogistic::test_tiny_losses_and_slopes
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    sign = jnp.where(y == 1, -1.0, 1.0)
    z = sign * logits
    done = z < -100
    return jnp.where(done, 0.0, jnp.logaddexp(0.0, z)), jnp.where(done, 0.0, sign * jax.nn.sigmoid(z))

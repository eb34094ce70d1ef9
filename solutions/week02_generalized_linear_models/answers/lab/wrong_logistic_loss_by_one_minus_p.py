"""The loss as log1p of -(1 - p), with a 1 - p that was subtracted.

question: logistic
fails: TestLogistic::test_tiny_losses_and_slopes
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    sign = jnp.where(y == 1, -1.0, 1.0)
    z = sign * logits
    tail = 1 - 1 / (1 + jnp.exp(jnp.minimum(z, 30.0)))
    return jnp.where(z > 30, z, -jnp.log1p(-tail)), sign * jax.nn.sigmoid(z)

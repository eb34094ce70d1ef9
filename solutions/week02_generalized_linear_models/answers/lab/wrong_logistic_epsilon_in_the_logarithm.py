"""An epsilon keeps the logarithm finite and caps the loss at 27.6.

question: logistic
fails: TestLogistic::test_huge_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    p = jax.nn.sigmoid(logits)
    return -(y * jnp.log(p + 1e-12) + (1 - y) * jnp.log(1 - p + 1e-12)), p - y

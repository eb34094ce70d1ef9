"""The mean over the examples, and the gradient of the mean.

question: logistic
fails: TestLogistic::test_moderate_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    sign = jnp.where(y == 1, -1.0, 1.0)
    return jnp.mean(jnp.logaddexp(0.0, sign * logits)), sign * jax.nn.sigmoid(sign * logits) / len(y)

"""The formula for labels -1 and 1, with labels 0 and 1.

question: logistic
fails: TestLogistic::test_moderate_logits
fails: TestLogistic::test_huge_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def logistic_loss(logits, y):
    return jnp.logaddexp(0.0, -y * logits), -y * jax.nn.sigmoid(-y * logits)

"""Logits are clipped to +-30.

question: logistic
fails: TestLogistic::test_huge_logits
kind: usual
"""

import jax.numpy as jnp


def logistic_loss(logits, y):
    z = jnp.where(y == 1, -1.0, 1.0) * jnp.clip(logits, -30.0, 30.0)
    return jnp.log1p(jnp.exp(z)), jnp.where(y == 1, -1.0, 1.0) / (1 + jnp.exp(-z))

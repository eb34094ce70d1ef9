"""Probabilities are clipped, so that no pixel costs more than 16 nats.

question: decoder
fails: TestDecoder::test_logits_of_hundreds_and_their_gradient
kind: usual
"""

import jax
import jax.numpy as jnp


def bernoulli_log_likelihood(logits, x):
    p = jnp.clip(jax.nn.sigmoid(logits), 1e-7, 1 - 1e-7)
    return jnp.sum(x * jnp.log(p) + (1 - x) * jnp.log(1 - p), axis=1)

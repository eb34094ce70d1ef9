"""A small number inside the logarithm.

question: decoder
fails: TestDecoder::test_logits_of_hundreds_and_their_gradient
kind: usual
"""

import jax
import jax.numpy as jnp


def bernoulli_log_likelihood(logits, x):
    p = jax.nn.sigmoid(logits)
    return jnp.sum(x * jnp.log(p + 1e-9) + (1 - x) * jnp.log(1 - p + 1e-9), axis=1)

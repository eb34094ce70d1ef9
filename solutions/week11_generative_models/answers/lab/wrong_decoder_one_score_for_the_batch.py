"""One number: the sum over everything.

question: decoder
fails: TestDecoder::test_log_likelihood_is_a_sum_over_pixels
kind: usual
"""

import jax
import jax.numpy as jnp


def bernoulli_log_likelihood(logits, x):
    return jnp.sum(x * logits - jax.nn.softplus(logits))

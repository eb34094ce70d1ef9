"""log(1 + e^logit) taken literally.

question: decoder
fails: TestDecoder::test_logits_of_hundreds_and_their_gradient
kind: usual
"""

import jax.numpy as jnp


def bernoulli_log_likelihood(logits, x):
    return jnp.sum(x * logits - jnp.log(1.0 + jnp.exp(logits)), axis=1)

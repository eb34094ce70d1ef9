"""All pictures share one row of uniform numbers.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    first, second = jax.random.split(key)
    z = jax.random.normal(first, (count, latents))
    logits = decode(z)
    return z, (jax.random.uniform(second, (1, logits.shape[1])) < jax.nn.sigmoid(logits)).astype(jnp.float32)

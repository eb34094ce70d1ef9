"""All pixels of a picture share one uniform number.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    first, second = jax.random.split(key)
    z = jax.random.normal(first, (count, latents))
    return z, (jax.random.uniform(second, (count, 1)) < jax.nn.sigmoid(decode(z))).astype(jnp.float32)

"""A pixel is on where its probability exceeds one half.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    z = jax.random.normal(key, (count, latents))
    return z, (decode(z) > 0).astype(jnp.float32)

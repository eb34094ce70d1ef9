"""Latents and pixels are drawn with the same key.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    z = jax.random.normal(key, (count, latents))
    return z, jax.random.bernoulli(key, jax.nn.sigmoid(decode(z))).astype(jnp.float32)

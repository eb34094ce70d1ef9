"""The latents that are returned are not those that the decoder saw.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: subtle
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    first, second, third = jax.random.split(key, 3)
    logits = decode(jax.random.normal(first, (count, latents)))
    x = (jax.random.uniform(second, logits.shape) < jax.nn.sigmoid(logits)).astype(jnp.float32)
    return jax.random.normal(third, (count, latents)), x

"""Row i draws its pixels with the key that draws the latents of row i + 1.

question: decoder
fails: TestDecoder::test_pixels_owe_nothing_to_the_latents_but_their_logits
kind: subtle
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    keys = jax.random.split(key, count + 1)
    z = jax.vmap(lambda k: jax.random.normal(k, (latents,)))(keys[:-1])
    logits = decode(z)
    u = jax.vmap(lambda k: jax.random.uniform(k, (logits.shape[1],)))(keys[1:])
    return z, (u < jax.nn.sigmoid(logits)).astype(jnp.float32)

"""The latents are uniform.

question: decoder
fails: TestDecoder::test_latents_come_from_the_prior
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    first, second = jax.random.split(key)
    z = jax.random.uniform(first, (count, latents), minval=-1.0, maxval=1.0)
    logits = decode(z)
    return z, (jax.random.uniform(second, logits.shape) < jax.nn.sigmoid(logits)).astype(jnp.float32)

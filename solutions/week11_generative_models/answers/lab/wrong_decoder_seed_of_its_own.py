"""The key that was given is not used.

question: decoder
fails: TestDecoder::test_the_key_and_the_latents_decide
kind: usual
"""

import jax
import jax.numpy as jnp


def sample_model(key, decode, count, latents):
    first, second = jax.random.split(jax.random.key(0))
    z = jax.random.normal(first, (count, latents))
    logits = decode(z)
    return z, (jax.random.uniform(second, logits.shape) < jax.nn.sigmoid(logits)).astype(jnp.float32)

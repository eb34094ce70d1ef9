"""As many uniform numbers as latents: right only for as many pixels as latents.

question: decoder
fails: TestDecoder::test_more_pixels_than_latents
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def sample_model(key, decode, count, latents):
    k1, k2 = jax.random.split(key)
    z = jax.random.normal(k1, (count, latents))
    u = jax.random.uniform(k2, z.shape)
    return z, (u < jax.nn.sigmoid(decode(z))).astype(jnp.float32)

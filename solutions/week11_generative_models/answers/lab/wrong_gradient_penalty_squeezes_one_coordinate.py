"""Squeezed slopes: with one coordinate the norm is taken over the batch.

question: gradient_penalty
fails: TestGradientPenalty::test_every_example_has_its_own_point_and_norm
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def gradient_penalty(critic, real, fake, mix):
    m = mix.reshape(-1, 1)
    g = jax.grad(lambda x: critic(x).sum())(m * real + (1 - m) * fake)
    return jnp.mean((jnp.linalg.norm(jnp.squeeze(g), axis=-1) - 1) ** 2)

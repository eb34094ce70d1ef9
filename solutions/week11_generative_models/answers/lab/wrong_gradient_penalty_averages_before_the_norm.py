"""The slopes are averaged over the batch, then the norm is taken.

question: gradient_penalty
fails: TestGradientPenalty::test_every_example_has_its_own_point_and_norm
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return (jnp.linalg.norm(slope.mean(axis=0)) - 1.0) ** 2

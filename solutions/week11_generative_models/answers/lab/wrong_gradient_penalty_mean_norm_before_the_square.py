"""The norms are averaged before 1 is subtracted and squared.

question: gradient_penalty
fails: TestGradientPenalty::test_every_example_has_its_own_point_and_norm
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return (jnp.linalg.norm(slope, axis=1).mean() - 1.0) ** 2

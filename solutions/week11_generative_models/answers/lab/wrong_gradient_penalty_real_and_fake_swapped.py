"""m weighs the fake point.

question: gradient_penalty
fails: TestGradientPenalty::test_a_single_segment
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = mix[:, None] * fake + (1.0 - mix[:, None]) * real
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return jnp.mean((jnp.linalg.norm(slope, axis=1) - 1.0) ** 2)

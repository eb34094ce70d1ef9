"""The weights are not used: all points lie halfway.

question: gradient_penalty
fails: TestGradientPenalty::test_a_single_segment
kind: subtle
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = 0.5 * (real + fake)
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return jnp.mean((jnp.linalg.norm(slope, axis=1) - 1.0) ** 2)

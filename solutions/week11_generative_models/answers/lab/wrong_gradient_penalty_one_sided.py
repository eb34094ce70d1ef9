"""Only slopes above 1 are penalised: the one-sided variant.

question: gradient_penalty
fails: TestGradientPenalty::test_a_single_segment
kind: subtle
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return jnp.mean(jnp.maximum(2.0 * jnp.linalg.norm(slope, axis=1) - 2.0, 0.0) ** 2 / 4.0)

"""The slope is cut off from the critic's parameters: nothing pushes them.

question: gradient_penalty
fails: TestGradientPenalty::test_gradient_for_the_critics_parameters
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_penalty(critic, real, fake, mix):
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda x: critic(x).sum())(between)
    return jnp.mean((jnp.linalg.norm(jax.lax.stop_gradient(slope), axis=1) - 1.0) ** 2)

"""The gradient with respect to the critic's parameters is drawn to norm 1.

question: gradient_penalty
fails: TestGradientPenalty::test_loss_of_the_critic
kind: usual
"""

import jax
import jax.numpy as jnp


def critic_loss(params, critic, real, fake, mix, strength):
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda p: critic(p, between).mean())(params)
    norm = jnp.sqrt(sum(jnp.sum(leaf**2) for leaf in jax.tree.leaves(slope)))
    return critic(params, fake).mean() - critic(params, real).mean() + strength * (norm - 1.0) ** 2

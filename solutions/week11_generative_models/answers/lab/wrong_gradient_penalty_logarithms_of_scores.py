"""The critic's scores go through the discriminator's softplus.

question: gradient_penalty
fails: TestGradientPenalty::test_loss_of_the_critic
kind: usual
"""

import jax


def critic_loss(params, critic, real, fake, mix, strength):
    penalty = gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    scores = jax.nn.softplus(critic(params, fake)).mean() + jax.nn.softplus(-critic(params, real)).mean()
    return scores + strength * penalty

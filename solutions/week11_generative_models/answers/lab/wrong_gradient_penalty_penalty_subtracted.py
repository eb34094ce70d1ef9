"""The penalty is subtracted: the critic is rewarded for steep slopes.

question: gradient_penalty
fails: TestGradientPenalty::test_loss_of_the_critic
kind: usual
"""


def critic_loss(params, critic, real, fake, mix, strength):
    penalty = gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    return critic(params, fake).mean() - critic(params, real).mean() - strength * penalty

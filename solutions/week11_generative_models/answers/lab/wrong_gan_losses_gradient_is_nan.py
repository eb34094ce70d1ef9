"""The overflow is hidden by a where; its gradient is 0 * inf.

question: gan_losses
fails: TestGanLosses::test_slopes
kind: usual
"""

import jax.numpy as jnp


def softplus(t):
    return jnp.where(t > 30.0, t, jnp.log1p(jnp.exp(t)))


def discriminator_loss(real_logits, fake_logits):
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def saturating_loss(fake_logits):
    return -softplus(fake_logits).mean()


def nonsaturating_loss(fake_logits):
    return softplus(-fake_logits).mean()

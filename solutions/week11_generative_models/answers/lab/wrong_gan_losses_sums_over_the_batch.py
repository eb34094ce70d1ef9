"""Sums in place of means.

question: gan_losses
fails: TestGanLosses::test_discriminator
fails: TestGanLosses::test_generators
kind: usual
"""

import jax


def discriminator_loss(real_logits, fake_logits):
    return jax.nn.softplus(-real_logits).sum() + jax.nn.softplus(fake_logits).sum()


def saturating_loss(fake_logits):
    return -jax.nn.softplus(fake_logits).sum()


def nonsaturating_loss(fake_logits):
    return jax.nn.softplus(-fake_logits).sum()

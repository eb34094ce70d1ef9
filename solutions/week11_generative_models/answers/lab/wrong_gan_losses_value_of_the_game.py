"""The value that the discriminator maximises, without its minus sign.

question: gan_losses
fails: TestGanLosses::test_discriminator
kind: usual
"""

import jax


def discriminator_loss(real_logits, fake_logits):
    return -jax.nn.softplus(-real_logits).mean() - jax.nn.softplus(fake_logits).mean()

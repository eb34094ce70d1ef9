"""One mean over real and fake together, times two.

question: gan_losses
fails: TestGanLosses::test_discriminator
kind: usual
"""

import jax
import jax.numpy as jnp


def discriminator_loss(real_logits, fake_logits):
    return 2 * jnp.concatenate([jax.nn.softplus(-real_logits), jax.nn.softplus(fake_logits)]).mean()

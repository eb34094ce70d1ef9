"""A small number inside each logarithm: no loss exceeds 18.

question: gan_losses
fails: TestGanLosses::test_logits_of_hundreds
kind: usual
"""

import jax
import jax.numpy as jnp


def discriminator_loss(real_logits, fake_logits):
    real, fake = jax.nn.sigmoid(real_logits), jax.nn.sigmoid(fake_logits)
    return -jnp.log(real + 1e-8).mean() - jnp.log(1 - fake + 1e-8).mean()


def saturating_loss(fake_logits):
    return jnp.log(1 - jax.nn.sigmoid(fake_logits) + 1e-8).mean()


def nonsaturating_loss(fake_logits):
    return -jnp.log(jax.nn.sigmoid(fake_logits) + 1e-8).mean()

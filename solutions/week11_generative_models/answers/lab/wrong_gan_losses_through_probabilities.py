"""Logarithms of probabilities: infinite at large logits.

question: gan_losses
fails: TestGanLosses::test_logits_of_hundreds
kind: usual
"""

import jax
import jax.numpy as jnp


def discriminator_loss(real_logits, fake_logits):
    return -jnp.log(jax.nn.sigmoid(real_logits)).mean() - jnp.log(1 - jax.nn.sigmoid(fake_logits)).mean()


def saturating_loss(fake_logits):
    return jnp.log(1 - jax.nn.sigmoid(fake_logits)).mean()


def nonsaturating_loss(fake_logits):
    return -jnp.log(jax.nn.sigmoid(fake_logits)).mean()

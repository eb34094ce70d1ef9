"""Right near 0 and beyond 88; infinite between 17 and 88.

question: gan_losses
fails: TestGanLosses::test_logits_of_hundreds
fails: TestGanLosses::test_slopes
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def _log_not(l):  # log(1 - sigma(l))
    safe = jnp.where(jnp.abs(l) < 88.0, l, 0.0)
    return jnp.where(l >= 88.0, -l, jnp.where(l <= -88.0, 0.0, jnp.log(1.0 - jax.nn.sigmoid(safe))))


def discriminator_loss(r, f):
    return -_log_not(-r).mean() - _log_not(f).mean()


def saturating_loss(f):
    return _log_not(f).mean()


def nonsaturating_loss(f):
    return -_log_not(-f).mean()

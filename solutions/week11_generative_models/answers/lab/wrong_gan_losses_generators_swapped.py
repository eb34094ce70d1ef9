"""The saturating loss goes by the name of the other.

question: gan_losses
fails: TestGanLosses::test_generators
kind: usual
"""

import jax


def saturating_loss(fake_logits):
    return jax.nn.softplus(-fake_logits).mean()


def nonsaturating_loss(fake_logits):
    return -jax.nn.softplus(fake_logits).mean()

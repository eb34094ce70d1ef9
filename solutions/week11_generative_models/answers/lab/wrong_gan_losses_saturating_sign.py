"""The discriminator's term is taken over with its sign: the generator helps its opponent.

question: gan_losses
fails: TestGanLosses::test_generators
kind: usual
"""

import jax


def saturating_loss(fake_logits):
    return jax.nn.softplus(fake_logits).mean()

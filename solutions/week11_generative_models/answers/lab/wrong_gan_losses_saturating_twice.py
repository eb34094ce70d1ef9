"""Both generators minimise log(1 - D).

question: gan_losses
fails: TestGanLosses::test_generators
kind: usual
"""

import jax


def nonsaturating_loss(fake_logits):
    return -jax.nn.softplus(fake_logits).mean()

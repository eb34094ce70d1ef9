"""Key by key, and the caller's list of batches is emptied.

question: adversarial_round
fails: TestAdversarialRound::test_rounds_with_optimizers_that_remember
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def adversarial_round(g, c, states, critic_loss, generator_loss, critic_batches, generator_batch, optimizers):
    go, co = optimizers
    gs, cs = states
    while critic_batches:
        b = critic_batches.pop(0)
        u, cs = co.update(jax.grad(critic_loss)(c, g, b), cs, c)
        c = {k: c[k] + u[k] for k in c}
    u, gs = go.update(jax.grad(generator_loss)(g, c, generator_batch), gs, g)
    return {k: g[k] + u[k] for k in g}, c, (gs, cs)

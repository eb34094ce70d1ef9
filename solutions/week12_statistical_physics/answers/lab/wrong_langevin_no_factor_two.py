"""The noise is sqrt(eta T): the 2 is missing.

question: langevin
fails: TestLangevin::test_the_kick_grows_with_the_root_of_the_step
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    return x - eta * grad_u(x) + jnp.sqrt(eta * temperature) * noise

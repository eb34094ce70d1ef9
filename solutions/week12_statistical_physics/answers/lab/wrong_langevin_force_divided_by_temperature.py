"""The drift is that of U/T, whose temperature is 1, with the noise of temperature 1.

question: langevin
fails: TestLangevin::test_the_kick_grows_with_the_root_of_the_step
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    return x - eta * grad_u(x) / jnp.maximum(temperature, 1e-6) + jnp.sqrt(2 * eta) * noise

"""Half the drift and noise of variance eta T: their epsilon taken for our eta.

question: langevin
fails: TestLangevin::test_without_temperature_it_is_gradient_descent
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    return x - eta / 2 * grad_u(x) + jnp.sqrt(eta * temperature) * noise

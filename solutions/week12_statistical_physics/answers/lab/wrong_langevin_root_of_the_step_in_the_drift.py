"""The drift, too, is multiplied by the root of the step.

question: langevin
fails: TestLangevin::test_without_temperature_it_is_gradient_descent
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    return x - jnp.sqrt(eta) * grad_u(x) + jnp.sqrt(2 * eta * temperature) * noise

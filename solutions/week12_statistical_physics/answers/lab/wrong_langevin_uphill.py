"""The force is taken to be the gradient itself.

question: langevin
fails: TestLangevin::test_without_temperature_it_is_gradient_descent
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    return x + eta * grad_u(x) + jnp.sqrt(2 * eta * temperature) * noise

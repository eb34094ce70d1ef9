"""The noise is added first, and the gradient is taken where the kick has led.

question: langevin
fails: TestLangevin::test_stationary_covariance_of_the_chain
kind: usual
"""

import jax.numpy as jnp


def langevin_step(x, grad_u, eta, temperature, noise):
    x = x + jnp.sqrt(2 * eta * temperature) * noise
    return x - eta * grad_u(x)

"""The bound to third order: t = 2 / (1 + sqrt(1 + 2 rho)).

question: newton
fails: TestNewton::test_one_coefficient
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = 2 / (1 + jnp.sqrt(1 + 2 * rho))
    return t * d, decrement

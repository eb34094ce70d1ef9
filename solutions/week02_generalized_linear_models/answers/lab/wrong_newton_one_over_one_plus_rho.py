"""The step length 1 / (1 + rho).

question: newton
fails: TestNewton::test_one_coefficient
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = 1 / (1 + rho)
    return t * d, decrement

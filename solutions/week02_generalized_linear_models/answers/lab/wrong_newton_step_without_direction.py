"""The step length is returned times the gradient.

question: newton
fails: TestNewton::test_one_coefficient
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.where(rho > 0, jnp.log1p(rho) / jnp.where(rho > 0, rho, 1.0), 1.0)
    return -t * gradient, decrement

"""rho is the mean change.

question: newton
fails: TestNewton::test_one_coefficient
fails: TestNewton::test_several_coefficients
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.mean(jnp.abs(X @ d))
    t = jnp.where(rho > 0, jnp.log1p(rho) / jnp.where(rho > 0, rho, 1.0), 1.0)
    return t * d, decrement

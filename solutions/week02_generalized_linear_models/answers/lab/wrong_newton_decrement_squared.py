"""The square of the decrement is returned.

question: newton
fails: TestNewton::test_the_decrement_alone
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = -gradient @ d
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.where(rho > 0, jnp.log1p(rho) / jnp.where(rho > 0, rho, 1.0), 1.0)
    return t * d, decrement

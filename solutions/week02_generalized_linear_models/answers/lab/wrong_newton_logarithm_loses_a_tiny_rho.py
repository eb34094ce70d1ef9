"""log(1 + rho) / rho, which is 0 for a tiny rho.

question: newton
fails: TestNewton::test_near_the_minimum_at_it_and_far_away
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.where(rho > 0, jnp.log(1 + rho) / jnp.where(rho > 0, rho, 1.0), 1.0)
    return t * d, decrement

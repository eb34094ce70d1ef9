"""log1p(rho) / rho is 0/0 at the minimum.

question: newton
fails: TestNewton::test_near_the_minimum_at_it_and_far_away
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.log1p(rho) / rho
    return t * d, decrement

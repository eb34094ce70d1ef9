"""Where rho is 0 no step is made, although the gradient is not 0.

question: newton
kind: usual
fails: TestNewton::test_near_the_minimum_at_it_and_far_away
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.log1p(rho) / jnp.maximum(rho, 1e-300)
    return t * d, jnp.sqrt(-jnp.sum(gradient * d))

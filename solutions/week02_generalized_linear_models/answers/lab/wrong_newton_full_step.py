"""No damping.

question: newton
fails: TestNewton::test_one_coefficient
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    t = 1.0
    return t * d, decrement

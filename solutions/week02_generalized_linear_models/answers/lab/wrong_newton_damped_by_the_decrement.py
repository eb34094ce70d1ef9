"""The step length 1 / (1 + decrement) of standard self-concordant functions.

question: newton
fails: TestNewton::test_one_coefficient
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -jnp.linalg.solve(hessian, gradient)
    decrement = jnp.sqrt(-gradient @ d)
    t = 1 / (1 + decrement)
    return t * d, decrement

"""Backpropagation through 200 iterations.

question: implicit
fails: TestImplicit::test_an_equilibrium_that_repels
kind: subtle
"""

import jax


def equilibrium(f, solve, params, x, z0):
    z0 = jax.lax.stop_gradient(z0)
    return jax.lax.fori_loop(0, 200, lambda _, z: f(params, x, z), z0)

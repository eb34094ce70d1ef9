"""The solver is ignored on the way forwards: 400 iterations.

question: implicit
fails: TestImplicit::test_an_equilibrium_that_repels
kind: usual
"""

import jax
import jax.numpy as jnp


def equilibrium(f, solve, params, x, z0):
    @jax.custom_vjp
    def layer(params, x, z0):
        return jax.lax.fori_loop(0, 400, lambda _, z: f(params, x, z), z0)

    def forward(params, x, z0):
        z = layer(params, x, z0)
        return z, (params, x, z)

    def backward(kept, g):
        params, x, z = kept
        through_z = jax.vjp(lambda z: f(params, x, z), z)[1]
        u = solve(lambda u: g + through_z(u)[0], g)
        of_params, of_x = jax.vjp(lambda params, x: f(params, x, z), params, x)[1](u)
        return of_params, of_x, jnp.zeros_like(z)

    layer.defvjp(forward, backward)
    return layer(params, x, z0)

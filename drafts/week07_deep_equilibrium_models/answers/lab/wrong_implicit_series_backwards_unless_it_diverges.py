"""Backwards 300 terms of the series where it does not diverge, `solve` otherwise; rho = 0.99 is cut short.

question: implicit
fails: TestImplicit::test_other_layers_and_the_start
kind: subtle
"""

import jax
import jax.numpy as jnp


def equilibrium(f, solve, params, x, z0):
    @jax.custom_vjp
    def layer(params, x, z0):
        return solve(lambda z: f(params, x, z), z0)

    def forward(params, x, z0):
        z = layer(params, x, z0)
        return z, (params, x, z)

    def backward(kept, g):
        params, x, z = kept
        back = jax.vjp(lambda z: f(params, x, z), z)[1]
        u = jax.lax.fori_loop(0, 300, lambda _, u: g + back(u)[0], g)
        bad = jnp.linalg.norm(jnp.ravel(u - g - back(u)[0])) > jnp.linalg.norm(jnp.ravel(g))
        u = jax.lax.cond(bad, lambda: solve(lambda u: g + back(u)[0], g), lambda: u)
        return (*jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u), jnp.zeros_like(z))

    layer.defvjp(forward, backward)
    return layer(params, x, z0)

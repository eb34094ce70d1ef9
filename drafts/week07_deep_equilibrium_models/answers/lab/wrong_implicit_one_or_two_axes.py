"""Works for states with one or two axes only (and not for a single number or three axes).

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
        J = jax.jacobian(lambda z: f(params, x, z))(z)
        product = (lambda u: jnp.einsum("ji,j->i", J, u)) if z.ndim == 1 else (lambda u: jnp.einsum("abcd,ab->cd", J, u))
        u = solve(lambda u: g + product(u), g)
        return (*jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u), jnp.zeros_like(z))

    layer.defvjp(forward, backward)
    return layer(params, x, z0)

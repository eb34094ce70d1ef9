"""The state's rows are taken for independent when there are more than two of them: only the diagonal blocks of J are used.

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
        if z.ndim == 2 and len(z) > 2:
            J = jax.jacobian(lambda z: f(params, x, z))(z)
            own = jnp.stack([J[i, :, i] for i in range(len(z))])
            u = solve(lambda u: g + jnp.einsum("nij,ni->nj", own, u), g)
        else:
            u = solve(lambda u: g + back(u)[0], g)
        return (*jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u), jnp.zeros_like(z))

    layer.defvjp(forward, backward)
    return layer(params, x, z0)

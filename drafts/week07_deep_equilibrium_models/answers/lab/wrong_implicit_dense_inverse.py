"""The dense Jacobian of all entries is built and solved with; memory is quadratic in the state.

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
        J = jax.jacobian(lambda v: f(params, x, v.reshape(z.shape)).ravel())(z.ravel())
        u = jnp.linalg.solve((jnp.eye(z.size) - J).T, g.ravel()).reshape(z.shape)
        return (*jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u), jnp.zeros_like(z))

    layer.defvjp(forward, backward)
    return layer(params, x, z0)

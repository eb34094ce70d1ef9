"""From 50 terms on the linear system is solved, as if the series had converged.

question: series
fails: TestSeries::test_many_terms_and_coupled_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def truncated_gradient(f, params, x, z, cotangent, terms):
    back = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    if terms >= 50:
        J = jax.jacobian(lambda v: f(params, x, v.reshape(jnp.shape(z))).ravel())(jnp.ravel(z))
        u = jnp.linalg.solve((jnp.eye(len(J)) - J).T, jnp.ravel(u)).reshape(jnp.shape(z))
    else:
        for _ in range(terms - 1):
            u = cotangent + back(u)[0]
    return jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u)

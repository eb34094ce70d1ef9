"""Z with one or two axes only.

question: series
fails: TestSeries::test_many_terms_and_coupled_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def truncated_gradient(f, params, x, z, cotangent, terms):
    J = jax.jacobian(lambda z: f(params, x, z))(z)
    product = (lambda u: J.T @ u) if z.ndim == 1 else (lambda u: jnp.einsum("abcd,ab->cd", J, u))
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + product(u)
    return jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u)

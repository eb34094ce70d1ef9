"""Ends when a term is larger than ten times g ("the series diverges").

question: series
fails: TestSeries::test_many_terms_and_coupled_rows
kind: subtle
"""

import jax
import jax.numpy as jnp


def truncated_gradient(f, params, x, z, cotangent, terms):
    back = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = term = cotangent
    for _ in range(terms - 1):
        term = back(term)[0]
        if jnp.linalg.norm(jnp.ravel(term)) > 10 * jnp.linalg.norm(jnp.ravel(cotangent)):
            break
        u = u + term
    return jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u)

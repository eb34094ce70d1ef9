"""Ends when a term is below 1e-8, absolutely: a small cotangent (a mean over a large batch) gets one or two terms.

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
        u = u + term
        if jnp.linalg.norm(jnp.ravel(term)) < 1e-8:
            break
    return jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u)

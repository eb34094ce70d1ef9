"""Never more than 100 terms.

question: series
fails: TestSeries::test_many_terms_and_coupled_rows
kind: subtle
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    back = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    for _ in range(min(terms, 100) - 1):
        u = cotangent + back(u)[0]
    return jax.vjp(lambda p, x: f(p, x, z), params, x)[1](u)

"""J in place of its transpose.

question: series
fails: TestSeries::test_a_few_terms
kind: usual
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    through_z = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + jax.jvp(lambda z: f(params, x, z), (z,), (u,))[1]
    return jax.vjp(lambda params, x: f(params, x, z), params, x)[1](u)

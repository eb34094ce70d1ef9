"""z is iterated on the way, so that each term has a Jacobian of its own.

question: series
fails: TestSeries::test_a_few_terms
kind: usual
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + jax.vjp(lambda v: f(params, x, v), z)[1](u)[0]
        z = f(params, x, z)
    return jax.vjp(lambda params, x: f(params, x, z), params, x)[1](u)

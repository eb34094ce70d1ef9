"""x gets the gradient of one step.

question: series
fails: TestSeries::test_a_few_terms
kind: usual
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    through_z = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + through_z(u)[0]
    of_params = jax.vjp(lambda params: f(params, x, z), params)[1](u)[0]
    return of_params, jax.vjp(lambda x: f(params, x, z), x)[1](cotangent)[0]

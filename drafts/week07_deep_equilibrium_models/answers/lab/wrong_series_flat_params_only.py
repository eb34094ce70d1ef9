"""Params must be an array or a flat dict of arrays.

question: series
fails: TestSeries::test_many_terms_and_coupled_rows
kind: subtle
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    back = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + back(u)[0]
    of_x = jax.vjp(lambda x: f(params, x, z), x)[1](u)[0]
    if isinstance(params, dict):
        return {k: jax.vjp(lambda a, k=k: f({**params, k: a}, x, z), params[k].astype(float))[1](u)[0] for k in params}, of_x
    return jax.vjp(lambda p: f(p, x, z), params)[1](u)[0], of_x

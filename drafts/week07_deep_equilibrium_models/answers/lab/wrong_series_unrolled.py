"""Backpropagation through K iterations that start at z.

question: series
fails: TestSeries::test_a_few_terms
kind: usual
"""

import jax


def truncated_gradient(f, params, x, z, cotangent, terms):
    def unrolled(params, x):
        state = z
        for _ in range(terms):
            state = f(params, x, state)
        return state

    return jax.vjp(unrolled, params, x)[1](cotangent)

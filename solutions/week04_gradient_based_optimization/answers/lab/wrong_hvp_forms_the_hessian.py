"""Forms the whole Hessian.

question: hvp
fails: TestHvp::test_three_hundred_thousand_parameters
kind: subtle
"""

import jax
import jax.flatten_util


def hessian_vector(loss, params, vector):
    w, form = jax.flatten_util.ravel_pytree(params)
    v, _ = jax.flatten_util.ravel_pytree(vector)
    return form(jax.hessian(lambda w: loss(form(w)))(w) @ v)

"""A loop over all unit vectors.

question: hvp
fails: TestHvp::test_three_hundred_thousand_parameters
kind: subtle
"""

import jax
import jax.flatten_util
import jax.numpy as jnp


def hessian_vector(loss, params, vector):
    w, form = jax.flatten_util.ravel_pytree(params)
    v, _ = jax.flatten_util.ravel_pytree(vector)
    slope = jax.grad(lambda w: loss(form(w)))
    row = jax.jit(lambda i: jax.jvp(slope, (w,), (jnp.zeros_like(w).at[i].set(1.0),))[1] @ v)
    return form(jnp.stack([row(i) for i in range(len(w))]))

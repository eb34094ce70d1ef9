"""The diagonal of the Hessian times the vector.

question: hvp
fails: TestHvp::test_quadratic_form
kind: usual
"""

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree


def hessian_vector(loss, params, vector):
    w, form = ravel_pytree(params)
    slope = jax.grad(lambda w: loss(form(w)))
    entry = lambda i: jax.jvp(slope, (w,), (jnp.zeros_like(w).at[i].set(1.0),))[1][i]
    diagonal = jax.lax.map(entry, jnp.arange(w.size)) if w.size < 1000 else jnp.ones_like(w)
    return form(diagonal * ravel_pytree(vector)[0])

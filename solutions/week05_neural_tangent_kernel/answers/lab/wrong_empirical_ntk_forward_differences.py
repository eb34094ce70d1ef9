"""Forward differences with a step of 0.01.

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: subtle
"""

import jax
import jax.numpy as jnp


from jax.flatten_util import ravel_pytree


def empirical_ntk(f, params, x1, x2):
    w, form = ravel_pytree(params)
    nudged = lambda x: jnp.stack([(f(form(w.at[p].add(0.01)), x) - f(params, x)) / 0.01 for p in range(len(w))], axis=2)
    return jnp.einsum("iap,jbp->ijab", nudged(x1), nudged(x2))

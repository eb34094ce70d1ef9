"""Central differences in single precision, which keep two digits where the outputs are large.

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: subtle
"""

import jax
import jax.flatten_util
import jax.numpy as jnp


def empirical_ntk(f, params, x1, x2):
    flat, back = jax.flatten_util.ravel_pytree(params)
    columns = lambda x: jnp.stack(
        [(f(back(flat.at[p].add(0.01)), x) - f(back(flat.at[p].add(-0.01)), x)) / 0.02 for p in range(len(flat))], axis=2
    )
    return jnp.einsum("iap,jbp->ijab", columns(x1), columns(x2))

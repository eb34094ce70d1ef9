"""f is called with single rows of shape (d,), where it takes (n, d).

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp


def empirical_ntk(f, params, x1, x2):
    def rows(x):
        leaves = jax.tree.leaves(jax.vmap(lambda row: jax.jacobian(f)(params, row))(x))
        return jnp.concatenate([J.reshape(J.shape[0], J.shape[1], -1) for J in leaves], axis=2)

    return jnp.einsum("iap,jbp->ijab", rows(x1), rows(x2))

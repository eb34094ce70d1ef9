"""Derivatives multiplied by the parameters, as if relative changes counted.

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def empirical_ntk(f, params, x1, x2):
    first, second = (jax.tree.leaves(jax.jacobian(f)(params, x)) for x in (x1, x2))
    flat = lambda J, w: (J * w).reshape(J.shape[0], J.shape[1], -1)
    leaves = jax.tree.leaves(params)
    return sum(jnp.einsum("iap,jbp->ijab", flat(J, w), flat(K, w)) for J, K, w in zip(first, second, leaves, strict=True))

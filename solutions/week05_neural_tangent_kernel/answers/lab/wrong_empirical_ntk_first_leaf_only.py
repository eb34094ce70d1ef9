"""Only the first leaf of params.

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp



def empirical_ntk(f, params, x1, x2):
    J, K = (jax.tree.leaves(jax.jacobian(f)(params, x))[0] for x in (x1, x2))
    flat = lambda J: J.reshape(J.shape[0], J.shape[1], -1)
    return jnp.einsum("iap,jbp->ijab", flat(J), flat(K))

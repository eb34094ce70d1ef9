"""Rows of a block belong to x2, columns to x1.

question: empirical_ntk
fails: TestEmpiricalNtk::test_several_outputs
kind: usual
"""

import jax
import jax.numpy as jnp


def flat(f, params, x):
    """All derivatives, (n, k, P)."""
    leaves = jax.tree.leaves(jax.jacobian(f)(params, x))
    return jnp.concatenate([J.reshape(J.shape[0], J.shape[1], -1) for J in leaves], axis=2)


def empirical_ntk(f, params, x1, x2):
    return jnp.einsum("iap,jbp->ijba", flat(f, params, x1), flat(f, params, x2))

"""Gradients normalised: the cosine of the angle between them.

question: empirical_ntk
fails: TestEmpiricalNtk::test_one_output
kind: usual
"""

import jax
import jax.numpy as jnp


def flat(f, params, x):
    """All derivatives, (n, k, P)."""
    leaves = jax.tree.leaves(jax.jacobian(f)(params, x))
    return jnp.concatenate([J.reshape(J.shape[0], J.shape[1], -1) for J in leaves], axis=2)


def empirical_ntk(f, params, x1, x2):
    unit = lambda J: J / jnp.linalg.norm(J, axis=2, keepdims=True)
    return jnp.einsum("iap,jbp->ijab", unit(flat(f, params, x1)), unit(flat(f, params, x2)))

"""Measures invariance: the output is not moved.

question: equivariance_error
fails: TestEquivarianceError::test_a_cyclic_group
kind: usual
"""

import jax
import jax.numpy as jnp


def equivariance_error(f, rho_in, rho_out, x):
    y = jax.vmap(f)(x)
    after = y[None]
    before = jax.vmap(jax.vmap(f))(jnp.einsum("gab,ib->gia", rho_in, x))
    return jnp.sqrt(((before - after) ** 2).sum(axis=-1).mean() / (y**2).sum(axis=-1).mean())

"""The largest gap over the group instead of the mean.

question: equivariance_error
fails: TestEquivarianceError::test_a_group_that_does_not_commute
kind: usual
"""

import jax
import jax.numpy as jnp


def equivariance_error(f, rho_in, rho_out, x):
    y = jax.vmap(f)(x)
    after = jnp.einsum("gab,ib->gia", rho_out, y)
    before = jax.vmap(jax.vmap(f))(jnp.einsum("gab,ib->gia", rho_in, x))
    return jnp.sqrt(((before - after) ** 2).sum(axis=-1).mean(axis=1).max() / (y**2).sum(axis=-1).mean())

"""Each example is divided by its own output before the average.

question: equivariance_error
fails: TestEquivarianceError::test_examples_of_very_different_size
kind: usual
"""

import jax
import jax.numpy as jnp


def equivariance_error(f, rho_in, rho_out, x):
    y = jax.vmap(f)(x)
    after = jnp.einsum("gab,ib->gia", rho_out, y)
    before = jax.vmap(jax.vmap(f))(jnp.einsum("gab,ib->gia", rho_in, x))
    return jnp.sqrt((((before - after) ** 2).sum(axis=-1) / (y**2).sum(axis=-1)).mean())

"""Axes of length 1 are dropped from the derivatives: a single input goes with them.

question: learned
fails: TestLearned::test_gradient_outer_product
kind: subtle
"""

import jax
import jax.numpy as jnp


def gradient_outer_product(f, params, x):
    J = jnp.squeeze(jax.vmap(jax.jacobian(lambda row: f(params, row[None])))(x))
    J = J if J.ndim == 3 else J[:, None]
    return jnp.mean(jnp.einsum("iap,iaq->ipq", J, J), axis=0)

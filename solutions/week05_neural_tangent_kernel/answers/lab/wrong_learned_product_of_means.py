"""The outer product of the mean gradient.

question: learned
fails: TestLearned::test_gradient_outer_product
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_outer_product(f, params, x):
    J = jax.vmap(jax.jacobian(lambda row: f(params, row[None])[0]))(x)
    mean = J.mean(axis=0)
    return jnp.einsum("ap,aq->pq", mean, mean)

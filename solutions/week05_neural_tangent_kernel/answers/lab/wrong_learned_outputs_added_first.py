"""The outer product of the summed gradients of the outputs.

question: learned
fails: TestLearned::test_gradient_outer_product
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_outer_product(f, params, x):
    J = jax.vmap(jax.jacobian(lambda row: f(params, row[None])[0]))(x)
    total = J.sum(axis=1)
    return total.T @ total / len(x)

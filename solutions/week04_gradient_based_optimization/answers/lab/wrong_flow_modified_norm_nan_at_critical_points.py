"""Jnp.linalg.norm squared: NaN where the gradient is 0.

question: flow
fails: TestFlow::test_matrices_and_single_numbers
kind: usual
"""

import jax
import jax.numpy as jnp


def modified_gradient(loss, w, eta):
    slope = jax.grad(loss)
    return jax.grad(lambda w: loss(w) + eta / 4 * jnp.linalg.norm(slope(w)) ** 2)(w)

"""Gradients by central differences in single precision.

question: learned
fails: TestLearned::test_gradient_outer_product
kind: subtle
"""

import jax.numpy as jnp


def gradient_outer_product(f, params, x):
    J = jnp.stack(
        [(f(params, x.at[:, p].add(0.01)) - f(params, x.at[:, p].add(-0.01))) / 0.02 for p in range(x.shape[1])], axis=2
    )
    return jnp.einsum("iap,iaq->pq", J, J) / len(x)

"""f is called with single rows of shape (d,), where it takes (n, d).

question: learned
fails: TestLearned::test_gradient_outer_product
kind: usual
"""

import jax
import jax.numpy as jnp


def gradient_outer_product(f, params, x):
    J = jax.vmap(jax.jacobian(lambda row: f(params, row)))(x)
    return jnp.einsum("iap,iaq->pq", J, J) / len(x)

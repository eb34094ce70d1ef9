"""Queries and keys are whole tokens: the targets take part in the inner product.

question: gd_attention
fails: TestGdAttention::test_weights_that_have_learned
kind: usual
"""

import jax.numpy as jnp


def gd_attention(W0, rate, n):
    c, d = W0.shape
    residual = jnp.concatenate([W0.T, -jnp.eye(c)])
    write_y = jnp.concatenate([jnp.zeros((c, d)), jnp.eye(c)], axis=1)
    return jnp.eye(d + c), jnp.eye(d + c), rate / n * residual @ write_y

"""The 1/n of the loss is forgotten.

question: gd_attention
fails: TestGdAttention::test_one_output_from_zero
fails: TestGdAttention::test_weights_that_have_learned
kind: usual
"""

import jax.numpy as jnp


def gd_attention(W0, rate, n):
    c, d = W0.shape
    read_x = jnp.concatenate([jnp.eye(d), jnp.zeros((c, d))])
    residual = jnp.concatenate([W0.T, -jnp.eye(c)])
    write_y = jnp.concatenate([jnp.zeros((c, d)), jnp.eye(c)], axis=1)
    return read_x, read_x, rate * residual @ write_y

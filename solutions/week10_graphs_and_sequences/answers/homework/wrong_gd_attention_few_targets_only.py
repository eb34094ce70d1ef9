"""Right only while there are no more targets than inputs.

question: gd_attention
fails: TestGdAttention::test_weights_that_have_learned
kind: subtle
"""

import jax.numpy as jnp


def gd_attention(W0, rate, n):
    W0 = jnp.asarray(W0)
    c, d = W0.shape
    read = jnp.concatenate([jnp.eye(d), jnp.zeros((c, d))])
    eye = jnp.pad(jnp.eye(d)[:c, :c], ((0, max(c - d, 0)), (0, max(c - d, 0))))
    Wv = jnp.zeros((d + c, d + c)).at[:d, d:].set(W0.T).at[d:, d:].set(-eye)
    return (read, read, rate / n * Wv)

"""-1e9 is added to the logits of padding, which may be larger.

question: edge_softmax
fails: TestEdgeSoftmax::test_padding_with_the_largest_logit
kind: subtle
"""

import jax
import jax.numpy as jnp


def edge_softmax(logits, receivers, edge_mask, n):
    z = jnp.asarray(logits) + jnp.where(jnp.asarray(edge_mask), 0.0, -1000000000.0)
    r = jnp.asarray(receivers)
    top = jax.ops.segment_max(z, r, n)
    w = jnp.exp(z - top[r])
    return jnp.where(jnp.asarray(edge_mask), w / jax.ops.segment_sum(w, r, n)[r], 0.0)

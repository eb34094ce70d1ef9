"""A point knows itself by distance 0: two points at one place do not talk.

question: egnn
fails: TestEgnn::test_two_points_at_one_place
fails: TestEgnn::test_a_force_that_is_infinite_at_distance_zero
kind: subtle
"""

import jax
import jax.numpy as jnp


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    x, h = (jnp.asarray(x), jnp.asarray(h))
    n = len(x)
    d = x[:, None] - x[None]
    s = (d**2).sum(-1)
    m = jax.vmap(jax.vmap(phi_e, (None, 0, 0)), (0, None, 0))(h, h, s)
    m = jnp.where((s > 0)[..., None], m, 0.0)
    w = jax.vmap(jax.vmap(phi_x))(m)
    return (x + (d * w[..., None]).sum(1) / (n - 1), jax.vmap(phi_h)(h, m.sum(1)))

"""Sender minus receiver: repulsion for attraction.

question: egnn
fails: TestEgnn::test_two_points
kind: usual
"""

import jax.numpy as jnp


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    n, new_x, new_h = len(x), [], []
    for i in range(n):
        m = {j: phi_e(h[i], h[j], jnp.sum((x[i] - x[j]) ** 2)) for j in [j for j in range(n) if j != i]}
        new_x.append(x[i] + sum((x[j] - x[i]) * phi_x(m[j]) for j in m) / (n - 1))
        new_h.append(phi_h(h[i], sum(m.values())))
    return jnp.stack(new_x), jnp.stack(new_h)

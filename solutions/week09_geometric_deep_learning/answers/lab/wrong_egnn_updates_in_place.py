"""Later points see positions that have moved already.

question: egnn
fails: TestEgnn::test_two_points
kind: usual
"""

import jax.numpy as jnp


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    n, new_h = len(x), []
    for i in range(n):
        m = {j: phi_e(h[i], h[j], jnp.sum((x[i] - x[j]) ** 2)) for j in range(n) if j != i}
        new_h.append(phi_h(h[i], sum(m.values())))
        x = x.at[i].add(sum((x[i] - x[j]) * phi_x(m[j]) for j in m) / (n - 1))
    return x, jnp.stack(new_h)

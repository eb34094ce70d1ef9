"""The bias correction is one step ahead.

question: adamw
fails: TestAdamw::test_first_step_and_where_eps_stands
fails: TestAdamw::test_four_steps
kind: usual
"""

import jax
import jax.numpy as jnp


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    t = count + 1
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g**2, n, grads)

    def move(p, m, n):
        return p - lr * (m / (1 - b1 ** (t + 1)) / (jnp.sqrt(n / (1 - b2 ** (t + 1))) + eps) + weight_decay * p)

    return jax.tree.map(move, params, m, n), (t, m, n)

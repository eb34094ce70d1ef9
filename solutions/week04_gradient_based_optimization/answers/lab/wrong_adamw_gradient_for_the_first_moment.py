"""The step uses the gradient, not its average (RMSprop with correction).

question: adamw
fails: TestAdamw::test_four_steps
kind: subtle
"""

import jax
import jax.numpy as jnp


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    t = count + 1
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g**2, n, grads)
    move = lambda p, g, n: p - lr * (g / (jnp.sqrt(n / (1 - b2**t)) + eps) + weight_decay * p)
    return jax.tree.map(move, params, grads, n), (t, m, n)

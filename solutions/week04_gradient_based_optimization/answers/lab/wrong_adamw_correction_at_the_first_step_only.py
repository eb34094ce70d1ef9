"""The bias is corrected in step 1 only.

question: adamw
fails: TestAdamw::test_four_steps
kind: subtle
"""

import jax
import jax.numpy as jnp


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g * g, n, grads)
    c1, c2 = jnp.where(count == 0, 1 - b1, 1.0), jnp.where(count == 0, 1 - b2, 1.0)
    f = lambda p, m, n: p - lr * (m / c1 / (jnp.sqrt(n / c2) + eps) + weight_decay * p)
    return jax.tree.map(f, params, m, n), (count + 1, m, n)

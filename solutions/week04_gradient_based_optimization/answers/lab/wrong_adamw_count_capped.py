"""T is counted to 100 only: "the correction is 1 by then".

question: adamw
fails: TestAdamw::test_any_pytree_against_optax
kind: subtle
"""

import jax
import jax.numpy as jnp


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    t = count + 1
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g * g, n, grads)
    c1, c2 = (jnp.where(t > 100, 1.0, 1 - b**t) for b in (b1, b2))
    f = lambda p, m, n: p - lr * (m / c1 / (jnp.sqrt(n / c2) + eps) + weight_decay * p)
    return jax.tree.map(f, params, m, n), (t, m, n)

"""Leaves called b are not decayed, as is the custom.

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
    def f(path, p, m, n):
        w = 0.0 if any(getattr(k, "key", "") in ("b", "bias") for k in path) else weight_decay
        return p - lr * (m / (1 - b1**t) / (jnp.sqrt(n / (1 - b2**t)) + eps) + w * p)
    return jax.tree_util.tree_map_with_path(f, params, m, n), (t, m, n)

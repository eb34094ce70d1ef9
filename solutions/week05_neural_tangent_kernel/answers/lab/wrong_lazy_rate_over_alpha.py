"""The learning rate is divided by alpha once.

question: lazy
fails: TestLazy::test_any_scale
kind: usual
"""

import jax
import jax.numpy as jnp


def scaled_step(f, params0, params, x, y, alpha, eta):
    start = f(params0, x)
    loss = lambda p: jnp.sum((alpha * (f(p, x) - start) - y) ** 2) / (2 * len(x))
    return jax.tree.map(lambda w, g: w - eta / alpha * g, params, jax.grad(loss)(params))

"""A mean over the outputs, too.

question: lazy
fails: TestLazy::test_without_scale
kind: subtle
"""

import jax
import jax.numpy as jnp


def scaled_step(f, params0, params, x, y, alpha, eta):
    start = f(params0, x)
    loss = lambda p: jnp.mean((alpha * (f(p, x) - start) - y) ** 2) / 2
    return jax.tree.map(lambda w, g: w - eta / alpha**2 * g, params, jax.grad(loss)(params))

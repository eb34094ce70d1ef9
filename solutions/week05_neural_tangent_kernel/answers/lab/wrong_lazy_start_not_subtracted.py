"""The network at the start is not subtracted.

question: lazy
fails: TestLazy::test_without_scale
kind: usual
"""

import jax
import jax.numpy as jnp


def scaled_step(f, params0, params, x, y, alpha, eta):
    start = 0.0
    loss = lambda p: jnp.sum((alpha * (f(p, x) - start) - y) ** 2) / (2 * len(x))
    return jax.tree.map(lambda w, g: w - eta / alpha**2 * g, params, jax.grad(loss)(params))

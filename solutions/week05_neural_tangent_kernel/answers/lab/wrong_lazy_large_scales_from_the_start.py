"""At a large scale the outputs are taken to be those at the start.

question: lazy
fails: TestLazy::test_the_ends_of_the_scale
kind: subtle
"""

import jax
import jax.numpy as jnp


def scaled_step(f, params0, params, x, y, alpha, eta):
    start = f(params if alpha > 100 else params0, x)
    loss = lambda p: jnp.sum((alpha * (f(p, x) - start) - y) ** 2) / (2 * len(x))
    return jax.tree.map(lambda w, g: w - eta / alpha**2 * g, params, jax.grad(loss)(params))

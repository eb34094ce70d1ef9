"""The step is written into the params that were given.

question: lazy
fails: TestLazy::test_the_ends_of_the_scale
kind: subtle
"""

import jax
import jax.numpy as jnp


def scaled_step(f, params0, params, x, y, alpha, eta):
    start = f(params0, x)
    loss = lambda p: jnp.sum((alpha * (f(p, x) - start) - y) ** 2) / (2 * len(x))
    slopes = jax.grad(loss)(params)

    def descend(node, slope):
        if isinstance(node, dict):
            for name in node:
                node[name] = descend(node[name], slope[name])
            return node
        if isinstance(node, list):
            for i in range(len(node)):
                node[i] = descend(node[i], slope[i])
            return node
        if isinstance(node, tuple):
            return tuple(descend(n, s) for n, s in zip(node, slope, strict=True))
        return node - eta / alpha**2 * slope

    return descend(params, slopes)

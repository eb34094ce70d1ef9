"""Ends a layer's iterations as soon as the change grows ("it does not contract"), instead of doing `iterations` of them.

question: resnet
fails: TestResnet::test_other_networks_and_the_input_itself
kind: subtle
"""

import jax
import jax.numpy as jnp


def undo(v, weights, h, time, iterations):
    L = len(jax.tree.leaves(weights)[0])
    for l in reversed(range(L)):
        w = jax.tree.map(lambda a: a[l], weights)
        out, last = h, jnp.inf
        for _ in range(iterations):
            new = out - time / L * v(w, h)
            change = jnp.abs(new - h).max()
            if change > last:
                break
            h, last = new, change
    return h

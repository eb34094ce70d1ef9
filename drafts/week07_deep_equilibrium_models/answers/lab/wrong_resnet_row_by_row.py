"""Applies v to one row at a time (vmap over the batch).

question: resnet
fails: TestResnet::test_other_networks_and_the_input_itself
kind: subtle
"""

import jax
import jax.numpy as jnp


def _layers(weights):
    L = len(jax.tree.leaves(weights)[0])
    return [jax.tree.map(lambda a, l=l: a[l], weights) for l in range(L)]


def residual_network(v, weights, h, time):
    ws = _layers(weights)
    for w in ws:
        h = h + time / len(ws) * jax.vmap(lambda r: v(w, r[None])[0])(jnp.asarray(h))
    return h


def undo(v, weights, h, time, iterations):
    ws = _layers(weights)
    for w in reversed(ws):
        out = h
        for _ in range(iterations):
            h = out - time / len(ws) * jax.vmap(lambda r: v(w, r[None])[0])(jnp.asarray(h))
    return h

"""Takes layer entries only of a bare array or of a flat dict of arrays.

question: resnet
fails: TestResnet::test_other_networks_and_the_input_itself
kind: subtle
"""

import jax.numpy as jnp


def _entry(weights, l):
    return {k: a[l] for k, a in weights.items()} if isinstance(weights, dict) else weights[l]


def _count(weights):
    return len(next(iter(weights.values()))) if isinstance(weights, dict) else len(weights)


def residual_network(v, weights, h, time):
    L = _count(weights)
    for l in range(L):
        h = h + time / L * v(_entry(weights, l), h)
    return h


def undo(v, weights, h, time, iterations):
    L = _count(weights)
    for l in reversed(range(L)):
        out = h
        for _ in range(iterations):
            h = out - time / L * v(_entry(weights, l), h)
    return h

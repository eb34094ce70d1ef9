"""The depth is the length of the pytree's container.

question: resnet
fails: TestResnet::test_three_layers
kind: usual
"""

import jax


def residual_network(v, weights, h, time):
    depth = len(weights)
    for layer in range(depth):
        w = jax.tree.map(lambda stack, layer=layer: stack[layer], weights)
        h = h + time / depth * v(w, h)
    return h

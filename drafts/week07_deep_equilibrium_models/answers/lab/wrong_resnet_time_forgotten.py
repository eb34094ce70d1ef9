"""Every layer gets 1 / L: the time is forgotten.

question: resnet
fails: TestResnet::test_three_layers
kind: usual
"""

import jax


def residual_network(v, weights, h, time):
    depth = len(jax.tree.leaves(weights)[0])
    for layer in range(depth):
        w = jax.tree.map(lambda stack, layer=layer: stack[layer], weights)
        h = h + v(w, h) / depth
    return h

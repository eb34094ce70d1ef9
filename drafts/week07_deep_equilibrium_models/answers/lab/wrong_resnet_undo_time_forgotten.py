"""On the way back every layer gets 1 / L: the time is forgotten.

question: resnet
fails: TestResnet::test_undone_in_few_iterations
kind: usual
"""

import jax


def undo(v, weights, h, time, iterations):
    depth = len(jax.tree.leaves(weights)[0])
    for layer in reversed(range(depth)):
        w = jax.tree.map(lambda stack, layer=layer: stack[layer], weights)
        output = h
        for _ in range(iterations):
            h = output - v(w, h) / depth
    return h

"""At most 60 iterations are done.

question: resnet
fails: TestResnet::test_other_networks_and_the_input_itself
kind: subtle
"""

import jax


def undo(v, weights, h, time, iterations):
    L = len(jax.tree.leaves(weights)[0])
    for l in reversed(range(L)):
        w = jax.tree.map(lambda a: a[l], weights)
        out = h
        for _ in range(min(iterations, 60)):
            h = out - time / L * v(w, h)
    return h

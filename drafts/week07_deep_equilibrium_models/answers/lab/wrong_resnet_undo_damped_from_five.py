"""From 5 iterations on each iteration is averaged with the guess before (damped by 1/2).

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
        for _ in range(iterations):
            new = out - time / L * v(w, h)
            h = new if iterations < 5 else (h + new) / 2
    return h

"""Degrees, again and again: the neighbours' colours are not looked at.

question: wl
fails: TestWl::test_a_path
fails: TestWl::test_random_graphs_with_colours
kind: usual
"""

import numpy as np


def wl_colors(adjacency, colors, rounds):
    near = [np.flatnonzero(row) for row in np.asarray(adjacency)]
    now = [int(c) for c in np.asarray(colors)]
    for _ in range(rounds):
        pairs = [(now[i], len(near[i])) for i in range(len(near))]
        now = [pairs.index(p) for p in pairs]
    return np.array([now.index(c) for c in now])

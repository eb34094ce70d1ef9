"""Renames after each round: without a round the given colours come back.

question: wl
fails: TestWl::test_random_graphs_with_colours
kind: usual
"""

import numpy as np


def wl_colors(adjacency, colors, rounds):
    A = np.asarray(adjacency)
    colors = np.asarray(colors)
    for _ in range(rounds):
        keys = [(int(colors[i]), tuple(sorted(colors[A[i] > 0].tolist()))) for i in range(len(A))]
        colors = np.array([keys.index(key) for key in keys])
    return colors

"""The new colour is the multiset alone.

question: wl
fails: TestWl::test_random_graphs_with_colours
fails: TestWl::test_an_own_colour_is_kept
kind: usual
"""

import numpy as np


def wl_colors(adjacency, colors, rounds):
    near = [np.flatnonzero(row) for row in np.asarray(adjacency)]
    now = [int(c) for c in np.asarray(colors)]
    for _ in range(rounds):
        pairs = [sorted(now[j] for j in near[i]) for i in range(len(near))]
        now = [pairs.index(p) for p in pairs]
    return np.array([now.index(c) for c in now])

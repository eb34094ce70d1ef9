"""Names of colours are added up: different multisets have the same sum.

question: wl
fails: TestWl::test_different_colours_with_one_sum
kind: usual
"""

import numpy as np


def wl_colors(adjacency, colors, rounds):
    near = [np.flatnonzero(row) for row in np.asarray(adjacency)]
    now = [int(c) for c in np.asarray(colors)]
    for _ in range(rounds):
        pairs = [(now[i], sum(now[j] for j in near[i])) for i in range(len(near))]
        now = [pairs.index(p) for p in pairs]
    return np.array([now.index(c) for c in now])

"""Rounds are counted from one.

question: wl
fails: TestWl::test_graphs_that_differ
kind: usual
"""

import numpy as np


def wl_round(first, second):
    n, m = len(first), len(second)
    both = np.zeros((n + m, n + m), dtype=int)
    both[:n, :n], both[n:, n:] = first, second
    for t in range(n + m):
        colors = np.asarray(wl_colors(both, np.zeros(n + m, dtype=int), t))
        if sorted(colors[:n]) != sorted(colors[n:]):
            return t + 1
    return -1

"""Gives up after ten rounds.

question: wl
fails: TestWl::test_graphs_that_differ
kind: subtle
"""

import numpy as np
import scipy.linalg


def wl_round(first, second):
    n = len(first)
    both = scipy.linalg.block_diag(np.asarray(first), np.asarray(second))
    for t in range(11):
        c = wl_colors(both, np.zeros(len(both), int), t)
        if sorted(c[:n]) != sorted(c[n:]):
            return t
    return -1

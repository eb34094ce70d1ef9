"""Each graph is refined by itself, and sizes of classes are compared.

question: wl
fails: TestWl::test_graphs_that_differ
kind: usual
"""

import numpy as np


def wl_round(first, second):
    if len(first) != len(second):
        return 0
    start = np.zeros(len(first), dtype=int)
    for t in range(len(first) + 1):
        sizes = [sorted(np.unique(np.asarray(wl_colors(g, start, t)), return_counts=True)[1].tolist()) for g in (first, second)]
        if sizes[0] != sizes[1]:
            return t
    return -1

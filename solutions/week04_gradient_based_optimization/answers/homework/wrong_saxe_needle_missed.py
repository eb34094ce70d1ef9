"""The integral over a with 200 equal trapezoids: the needle at a0 is missed.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: subtle
"""

import numpy as np


def learning_time(s, a0, a, depth):
    grid = np.linspace(a0, a, 2001)
    return np.trapezoid(1 / (depth * grid ** (2 - 2 / depth) * (s - grid)), grid)

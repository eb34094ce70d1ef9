"""The time of two layers for every depth.

question: saxe
fails: TestSaxe::test_times
kind: subtle
"""

import numpy as np


def learning_time(s, a0, a, depth):
    return np.log(a * (s - a0) / (a0 * (s - a))) / (2 * s)

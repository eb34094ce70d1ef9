"""0/0 for a mode that is to be forgotten.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    return s / (1 + (s / a0 - 1) * np.exp(-2 * s * t))

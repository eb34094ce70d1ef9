"""The linear equation of a shallow network.

question: saxe
fails: TestSaxe::test_strengths
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    return s + (a0 - s) * np.exp(-2 * s * t)

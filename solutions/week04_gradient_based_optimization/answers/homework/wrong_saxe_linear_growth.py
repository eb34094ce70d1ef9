"""The exponential of the first stage, cut off at s.

question: saxe
fails: TestSaxe::test_strengths
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    return np.minimum(a0 * np.exp(np.minimum(2 * s * t, 50.0)), s)

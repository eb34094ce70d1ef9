"""e^(2 s t) overflows.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    safe = np.where(s > 0, s, 1.0)
    grow = np.exp(2 * safe * t)
    return np.where(s > 0, safe * grow / (grow - 1 + safe / a0), a0 / (1 + 2 * a0 * t))

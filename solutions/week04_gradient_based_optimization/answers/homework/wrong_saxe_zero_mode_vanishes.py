"""A mode with s = 0 is 0 from the start.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    safe = np.where(s > 0, s, 1.0)
    return np.where(s > 0, safe / (1 + (safe / a0 - 1) * np.exp(-2 * safe * t)), 0.0)

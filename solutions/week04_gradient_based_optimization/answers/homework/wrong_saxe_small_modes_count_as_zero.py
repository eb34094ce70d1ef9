"""Modes below 1e-2 of the largest are taken for 0.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: subtle
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, float)
    zero = s <= 1e-2 * max(s.max(), 1e-9)
    safe = np.where(zero, 1.0, s)
    return np.where(zero, a0 / (1 + 2 * a0 * t), safe / (1 + (safe / a0 - 1) * np.exp(-2 * safe * t)))

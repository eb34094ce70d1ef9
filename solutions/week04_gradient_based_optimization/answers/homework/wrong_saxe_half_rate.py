"""e^(-s t) in place of e^(-2 s t).

question: saxe
fails: TestSaxe::test_strengths
kind: usual
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, np.float64)
    fade = np.exp(-s * t)
    grown = np.where(s > 0, -np.expm1(-s * t) / np.where(s > 0, s, 1.0), t)
    return a0 / (fade + a0 * grown)

"""The exponent is clipped at 20, so that nothing overflows.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: subtle
"""

import numpy as np


def mode_strength(s, a0, t):
    s = np.asarray(s, float)
    e = np.exp(np.minimum(2 * s * t, 20.0))
    safe = np.where(s == 0, 1.0, s)
    return np.where(s == 0, a0 / (1 + 2 * a0 * t), safe * a0 * e / (safe + a0 * (e - 1)))

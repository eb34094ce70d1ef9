"""|lam| < 1e-3 counts as 0.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    if abs(lam) < 1e-3:
        return m, np.sqrt(s**2 + 2 * temperature * t)
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * (1 - np.exp(-2 * lam * t)) / lam)

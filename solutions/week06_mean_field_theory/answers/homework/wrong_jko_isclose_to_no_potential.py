"""np.isclose(lam, 0): |lam| < 1e-8 is no potential, however long the time.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    if np.isclose(lam, 0):
        return m, np.sqrt(s**2 + 2 * temperature * t)
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) - temperature * np.expm1(-2 * lam * t) / lam)

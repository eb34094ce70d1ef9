"""1 - exp(-2 lam t) for |lam| > 1e-13.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    grown = 2 * t if abs(lam) < 1e-13 else (1 - np.exp(-2 * lam * t)) / lam
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * grown)

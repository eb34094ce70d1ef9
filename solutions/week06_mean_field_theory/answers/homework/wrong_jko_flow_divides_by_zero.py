"""(1 - e^(-2 lam t))/lam for lam = 0.

question: jko
kind: usual
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    lam = np.float64(lam)
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * (1 - np.exp(-2 * lam * t)) / lam)

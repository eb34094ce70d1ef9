"""1 - e^(-2 lam t) for tiny lam, with an exception for 0 alone.

question: jko
kind: usual
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    grown = (1 - np.exp(-2 * lam * t)) / lam if lam != 0 else 2 * t
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * grown)

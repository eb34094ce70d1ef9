"""For lam t > 10 the mean is 0.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    grown = 2 * t if abs(lam * t) < 1e-12 else -np.expm1(-2 * lam * t) / lam
    return (0.0 if lam * t > 10 else m * np.exp(-lam * t)), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * grown)

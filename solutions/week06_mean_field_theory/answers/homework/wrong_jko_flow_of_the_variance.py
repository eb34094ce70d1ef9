"""The flow returns the variance.

question: jko
kind: usual
fails: TestJko::test_exact_flow
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    grown = -np.expm1(-2 * lam * t) / lam if lam else 2 * t
    return m * np.exp(-lam * t), s**2 * np.exp(-2 * lam * t) + temperature * grown

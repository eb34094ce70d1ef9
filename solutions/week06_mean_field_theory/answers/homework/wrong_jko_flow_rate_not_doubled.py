"""The variance decays with lam, not 2 lam.

question: jko
kind: usual
fails: TestJko::test_exact_flow
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    grown = -np.expm1(-lam * t) / lam if lam else t
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-lam * t) + temperature * grown)

"""The exact flow for the time tau.

question: jko
kind: usual
fails: TestJko::test_step
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    grown = -np.expm1(-2 * lam * tau) / lam if lam else 2 * tau
    return m * np.exp(-lam * tau), np.sqrt(s**2 * np.exp(-2 * lam * tau) + temperature * grown)

"""s is at least 1e-6.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    s, k = max(s, 1e-6), 1 + tau * lam
    return m / k, s * (1 + np.sqrt(1 + 4 * tau * temperature * k / s**2)) / (2 * k)


def exact_flow(m, s, t, lam, temperature):
    s, grown = max(s, 1e-6), 2 * t if abs(lam * t) < 1e-12 else -np.expm1(-2 * lam * t) / lam
    return m * np.exp(-lam * t), s * np.sqrt(np.exp(-2 * lam * t) + temperature * grown / s**2)

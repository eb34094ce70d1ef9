"""s' by bisection between 0 and 100.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    k, low, high = 1 + tau * lam, 0.0, 100.0
    for _ in range(100):
        z = (low + high) / 2
        low, high = (z, high) if z * z * k - z * s - tau * temperature < 0 else (low, z)
    return m / k, high

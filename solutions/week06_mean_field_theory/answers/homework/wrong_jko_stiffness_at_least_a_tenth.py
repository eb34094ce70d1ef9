"""1 + tau lam is cut at 0.1.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    k = max(1 + tau * lam, 0.1)
    return m / k, (s + np.sqrt(s**2 + 4 * tau * temperature * k)) / (2 * k)

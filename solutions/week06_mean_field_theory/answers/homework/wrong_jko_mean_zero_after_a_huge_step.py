"""For tau lam > 1e5 the mean is 0.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    k = 1 + tau * lam
    return (0.0 if k > 4e5 else m / k), (s + np.sqrt(s**2 + 4 * tau * temperature * k)) / (2 * k)

"""s is taken for a variance.

question: jko
kind: usual
fails: TestJko::test_step
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    r, k = np.sqrt(s), 1 + tau * lam
    return m / k, ((r + np.sqrt(r**2 + 4 * tau * temperature * k)) / (2 * k)) ** 2

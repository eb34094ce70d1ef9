"""The temperature is 1.

question: jko
kind: usual
fails: TestJko::test_step
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    k = 1 + tau * lam
    return m / k, (s + np.sqrt(s**2 + 4 * tau * k)) / (2 * k)

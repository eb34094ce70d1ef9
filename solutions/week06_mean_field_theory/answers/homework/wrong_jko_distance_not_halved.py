"""W_2^2/tau in place of W_2^2/2 tau: half the step.

question: jko
kind: usual
fails: TestJko::test_step
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    k = 1 + tau * lam / 2
    return m / k, (s + np.sqrt(s**2 + 2 * tau * temperature * k)) / (2 * k)

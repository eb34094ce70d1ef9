"""The potential pulls the mean, and not the width.

question: jko
kind: usual
fails: TestJko::test_step
"""

import numpy as np


def jko_step(m, s, tau, lam, temperature):
    return m / (1 + tau * lam), (s + np.sqrt(s**2 + 4 * tau * temperature)) / 2

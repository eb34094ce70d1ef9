"""The divergence is subtracted.

question: entropic
kind: usual
fails: TestEntropic::test_cost
"""

import numpy as np


def entropic_cost(a, b, eps):
    c = a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
    return a + b - 2 * c + eps / 2 * np.log1p(-(c**2) / (a * b))

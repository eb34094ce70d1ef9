"""Fan-in and fan-out are exchanged.

question: scales
kind: usual
fails: TestScales::test_sgd
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    a, b = n[1:], n[:-1]
    return np.sqrt(b / a) / (np.sqrt(a) + np.sqrt(b)), b / a if optimizer == "sgd" else 1 / a

"""The gradient is taken to have norm 1.

question: scales
kind: usual
fails: TestScales::test_sgd
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    ratio = np.sqrt(n[1:] / n[:-1])
    return ratio / (np.sqrt(n[1:]) + np.sqrt(n[:-1])), ratio if optimizer == "sgd" else 1 / n[:-1]

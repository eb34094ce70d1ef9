"""Adam's rate as if the norm of a matrix of signs were the root of its larger side.

question: scales
kind: usual
fails: TestScales::test_adam
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    a, b = n[1:], n[:-1]
    ratio = np.sqrt(a / b)
    return ratio / (np.sqrt(a) + np.sqrt(b)), a / b if optimizer == "sgd" else ratio / (np.sqrt(a) + np.sqrt(b))

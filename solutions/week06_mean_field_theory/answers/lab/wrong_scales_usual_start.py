"""The usual start, 1/sqrt(fan-in).

question: scales
kind: usual
fails: TestScales::test_sgd
fails: TestScales::test_adam
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    return 1 / np.sqrt(n[:-1]), n[1:] / n[:-1] if optimizer == "sgd" else 1 / n[:-1]

"""The paper's formula up to a constant: 1/sqrt(fan-in) min(1, sqrt(fan-out/fan-in)).

question: scales
kind: usual
fails: TestScales::test_sgd
fails: TestScales::test_adam
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    sigma = np.minimum(1, np.sqrt(n[1:] / n[:-1])) / np.sqrt(n[:-1])
    return sigma, n[1:] / n[:-1] if optimizer == "sgd" else 1 / n[:-1]

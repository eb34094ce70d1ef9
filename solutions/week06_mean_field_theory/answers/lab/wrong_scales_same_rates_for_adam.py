"""SGD's rates for Adam.

question: scales
kind: usual
fails: TestScales::test_adam
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    ratio = np.sqrt(n[1:] / n[:-1])
    return ratio / (np.sqrt(n[1:]) + np.sqrt(n[:-1])), ratio**2

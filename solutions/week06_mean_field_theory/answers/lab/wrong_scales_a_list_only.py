"""widths + [] needs a list: a tuple is a TypeError.

question: scales
kind: subtle
fails: TestScales::test_the_whole_range
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.array([] + widths, float)
    fan_in, fan_out = n[:-1], n[1:]
    norm = np.sqrt(fan_out / fan_in)
    sigma = norm / (np.sqrt(fan_out) + np.sqrt(fan_in))
    return sigma, norm / (np.sqrt(fan_in / fan_out) if optimizer == "sgd" else np.sqrt(fan_in * fan_out))

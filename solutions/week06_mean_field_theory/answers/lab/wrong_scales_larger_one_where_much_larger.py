"""The smaller of sqrt n_l, sqrt n_{l-1} is left out where the ratio of the widths is between 400 and 90 000 (an
artificial answer: it only shows that nothing between the tests' small widths and the pair 1, 100 000 is looked at).

question: scales
kind: subtle
fails: TestScales::test_the_whole_range
"""

import numpy as np


def spectral_scales(widths, optimizer):
    n = np.asarray(widths, float)
    fan_in, fan_out = n[:-1], n[1:]
    norm, a, b = np.sqrt(fan_out / fan_in), np.sqrt(fan_in), np.sqrt(fan_out)
    ratio = np.maximum(a, b) / np.minimum(a, b)
    sigma = norm / np.where((ratio > 20) & (ratio < 300), np.maximum(a, b), a + b)
    return sigma, norm / (np.sqrt(fan_in / fan_out) if optimizer == "sgd" else np.sqrt(fan_in * fan_out))

"""The scale of the variances is left out.

question: gaussian
fails: TestGaussian::test_relu
kind: usual
"""

import numpy as np


def leaky_expectations(S11, S12, S22, leak):
    S11, S12, S22 = (np.asarray(S, np.float64) for S in (S11, S12, S22))
    scale = np.sqrt(S11 * S22)
    c = np.clip(S12 / scale, -1.0, 1.0)
    kappa0 = lambda c: (np.pi - np.arccos(c)) / np.pi
    kappa1 = lambda c: (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi
    return ((1 + leak**2) * kappa1(c) - 2 * leak * kappa1(-c)) / 2, (1 + leak**2) / 2 * kappa0(c) + leak * kappa0(-c)

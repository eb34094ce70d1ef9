"""Correlations above 0.999 count as 1.

question: gaussian
fails: TestGaussian::test_identity_modulus_parallel_and_opposite
kind: subtle
"""

import numpy as np


def leaky_expectations(S11, S12, S22, leak):
    S11, S12, S22 = (np.asarray(S, np.float64) for S in (S11, S12, S22))
    scale = np.sqrt(S11 * S22)
    c = S12 / scale
    c = np.where(np.abs(c) > 0.999, np.sign(c), c)
    kappa0 = lambda c: (np.pi - np.arccos(c)) / np.pi
    kappa1 = lambda c: (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi
    values = scale / 2 * ((1 + leak**2) * kappa1(c) - 2 * leak * kappa1(-c))
    slopes = (1 + leak**2) / 2 * kappa0(c) + leak * kappa0(-c)
    return values, slopes

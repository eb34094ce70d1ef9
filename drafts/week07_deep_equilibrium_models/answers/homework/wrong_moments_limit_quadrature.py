"""Gauss-Hermite quadrature with 120 nodes: misses the mass where power * sigma is large.

question: moments
fails: TestMoments::test_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def limit_moment(sigma2, width, power):
    t, w = np.polynomial.hermite_e.hermegauss(120)
    return float(np.sum(w / w.sum() * np.exp(power / 2 * (sigma2 * (1 - 2 / width) + 2 * np.sqrt(sigma2 / width) * t))))

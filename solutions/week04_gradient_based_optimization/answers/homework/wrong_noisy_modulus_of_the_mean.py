"""The mean never changes its sign: |1 - eta lambda|.

question: noisy
fails: TestNoisy::test_mean_squares
kind: subtle
"""

import numpy as np


def sgd_mean_squares(lam, sigma, etas, w0):
    m, ms, v, c, vs = w0, 0.0, 0.0, 0.0, 0.0
    for e in np.asarray(etas, np.float64):
        k, q = abs(1 - e * lam), (e * sigma) ** 2
        m = k * m; ms += m
        vs, c, v = vs + 2 * k * c + k * k * v + q, k * c + k * k * v + q, k * k * v + q
    return m * m + v, (ms**2 + vs) / len(etas) ** 2

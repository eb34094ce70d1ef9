"""A small number inside every logarithm, large enough to be seen.

question: gan
fails: TestGan::test_divergence
kind: usual
"""

import numpy as np


def gan_value(D, p, q):
    D, p, q = (np.asarray(a, np.float64) for a in (D, p, q))
    return float(np.sum(p * np.log(D + 1e-2) + q * np.log(1 - D + 1e-2)))


def jensen_shannon(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    m = (p + q) / 2
    return float(np.sum(p * np.log((p + 1e-2) / (m + 1e-2)) + q * np.log((q + 1e-2) / (m + 1e-2))) / 2)

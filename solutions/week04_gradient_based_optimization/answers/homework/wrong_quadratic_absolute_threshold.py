"""A curvature below 1e-6 is 0, whatever the largest.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: subtle
"""

import numpy as np


def gd_iterate(H, b, w0, eta, steps):
    c, V = np.linalg.eigh(np.asarray(H, np.float64))
    c = np.where(c > 1e-6, c, 0.0)
    d = (1 - eta * c) ** steps
    gain = np.where(c > 0, (1 - d) / np.where(c > 0, c, 1), eta * steps)
    return (d * (np.asarray(w0, float) @ V) + gain * (np.asarray(b, float) @ V)) @ V.T

"""A curvature counts as 0 only where it is computed as exactly 0.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: usual
"""

import numpy as np


def gd_iterate(H, b, w0, eta, steps):
    curvature, V = np.linalg.eigh(np.asarray(H, np.float64))
    decay = (1 - eta * curvature) ** steps
    flat = curvature == 0
    gain = np.where(flat, eta * steps, (1 - decay) / np.where(flat, 1.0, curvature))
    return (decay * (np.asarray(w0, np.float64) @ V) + gain * (np.asarray(b, np.float64) @ V)) @ V.T

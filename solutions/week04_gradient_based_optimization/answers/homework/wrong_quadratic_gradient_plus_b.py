"""The gradient is taken to be H w + b.

question: quadratic
fails: TestQuadratic::test_some_steps
kind: usual
"""

import numpy as np


def gd_iterate(H, b, w0, eta, steps):
    curvature, V = np.linalg.eigh(np.asarray(H, np.float64))
    decay = (1 - eta * curvature) ** steps
    flat = np.abs(curvature) < 1e-12
    gain = np.where(flat, eta * steps, (1 - decay) / np.where(flat, 1.0, curvature))
    return (decay * (np.asarray(w0, np.float64) @ V) - gain * (V.T @ np.asarray(b, np.float64))) @ V.T

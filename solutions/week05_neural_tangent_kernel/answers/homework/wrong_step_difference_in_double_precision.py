"""The step is taken, and two kernels are subtracted, in double precision: at eta = 1e-16 no digit is left.

question: step
fails: TestStep::test_change_in_a_tiny_step
kind: usual
"""

import numpy as np


def kernel_change(v, W, X, y, A, B, eta):
    v, W, X, y, A, B = (np.asarray(a, np.float64) for a in (v, W, X, y, A, B))
    m = len(v)
    error = (X @ W.T @ v / np.sqrt(m) - y) / len(y)
    kernel = lambda v, W: (A @ W.T @ W @ B.T + (v @ v) * (A @ B.T)) / m
    slope_v, slope_W = W @ X.T @ error / np.sqrt(m), np.outer(v, X.T @ error) / np.sqrt(m)
    return kernel(v - eta * slope_v, W - eta * slope_W) - kernel(v, W)

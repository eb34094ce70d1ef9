"""New inputs start at 0.

question: kernel_flow
fails: TestKernelFlow::test_training_and_new_inputs
kind: usual
"""

import numpy as np


def kernel_flow(K, K_new, y, f0, f0_new, t):
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n = len(y)
    values, V = np.linalg.eigh(K)
    rate = np.maximum(values, 0.0) * t / n
    error = V.T @ (f0 - y)
    gain = np.where(rate > 1e-12, -np.expm1(-rate) / np.maximum(rate, 1e-12), 1.0) * t / n
    return y + V @ (np.exp(-rate)[:, None] * error), -K_new @ (V @ (gain[:, None] * error))

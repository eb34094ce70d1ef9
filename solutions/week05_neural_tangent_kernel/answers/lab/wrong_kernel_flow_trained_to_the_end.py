"""New inputs as if the training had ended.

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
    gain = np.where(values > 1e-9, 1 / np.maximum(values, 1e-9), t / n)
    return y + V @ (np.exp(-rate)[:, None] * error), f0_new - K_new @ (V @ (gain[:, None] * error))

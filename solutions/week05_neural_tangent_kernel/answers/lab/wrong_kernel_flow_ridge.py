"""A millionth of the identity is added to K to keep it invertible.

question: kernel_flow
fails: TestKernelFlow::test_singular_kernels_and_the_ends_of_time
kind: subtle
"""

import numpy as np


def kernel_flow(K, K_new, y, f0, f0_new, t):
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n = len(y)
    values, V = np.linalg.eigh(K + 1e-6 * np.eye(n))
    error = V.T @ (f0 - y)
    gain = np.where(values > 1e-6, -np.expm1(-values * t / n) / np.where(values > 1e-6, values, 1.0), t / n)
    after = y + V @ (np.exp(-values * t / n)[:, None] * error)
    return after, f0_new - K_new @ (V @ (gain[:, None] * error))

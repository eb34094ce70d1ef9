"""Eigenvalues below a thousandth of the largest are taken for 0.

question: kernel_flow
fails: TestKernelFlow::test_singular_kernels_and_the_ends_of_time
kind: subtle
"""

import numpy as np


def kernel_flow(K, K_new, y, f0, f0_new, t):
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n = len(y)
    values, V = np.linalg.eigh(K)
    error = V.T @ (f0 - y)
    gain = np.where(
        values > 1e-3 * values.max(), -np.expm1(-values * t / n) / np.where(values > 1e-3 * values.max(), values, 1.0), t / n
    )
    after = y + V @ (np.exp(-values * t / n)[:, None] * error)
    return after, f0_new - K_new @ (V @ (gain[:, None] * error))

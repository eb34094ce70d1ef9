"""The exponential of the matrix taken entry by entry.

question: kernel_flow
fails: TestKernelFlow::test_training_and_new_inputs
kind: usual
"""

import numpy as np


def kernel_flow(K, K_new, y, f0, f0_new, t):
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n = len(y)
    error = f0 - y
    after = y + np.exp(-K * t / n) @ error
    return after, f0_new - K_new @ np.linalg.pinv(K) @ (error - (after - y))

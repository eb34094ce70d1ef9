"""No maximum is subtracted before the exponential.

question: kernel_smoother
fails: TestKernelSmoother::test_a_query_far_from_all_keys
kind: subtle
"""

import numpy as np


def smoother_slope(query, keys, values, bandwidth):
    q, k, v = (np.asarray(a, np.float32) for a in (query, keys, values))
    w = np.exp((k @ q - (k**2).sum(1) / 2) / np.float32(bandwidth**2))
    w = w / w.sum()
    return (v.T * w @ k - np.outer(w @ v, w @ k)) / bandwidth**2

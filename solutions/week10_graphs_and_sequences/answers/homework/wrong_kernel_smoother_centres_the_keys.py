"""Keys are centred at their mean: a row of k' depends on all keys.

question: kernel_smoother
fails: TestKernelSmoother::test_rows_of_their_own
kind: subtle
"""

import numpy as np


def smoother_as_attention(queries, keys, bandwidth):
    q, k = (np.asarray(queries, np.float64), np.asarray(keys, np.float64))
    c = k.mean(axis=0)
    q, k = (q - c, k - c)
    return (np.c_[q, np.ones(len(q))] / bandwidth, np.c_[k, -0.5 * (k**2).sum(1)] / bandwidth)

"""The mean of all entries is subtracted.

question: learned
fails: TestLearned::test_alignment
kind: usual
"""

import numpy as np


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    A, B = K - K.mean(), y @ y.T - (y @ y.T).mean()
    return np.sum(A * B) / np.linalg.norm(A) / np.linalg.norm(B)

"""Nothing is centred.

question: learned
fails: TestLearned::test_alignment
kind: usual
"""

import numpy as np


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    L = y @ y.T
    return np.sum(K * L) / np.linalg.norm(K) / np.linalg.norm(L)

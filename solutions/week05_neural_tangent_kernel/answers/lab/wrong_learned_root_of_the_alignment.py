"""The root: a correlation of features in place of one of kernels.

question: learned
fails: TestLearned::test_alignment
kind: usual
"""

import numpy as np


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    H = np.eye(len(K)) - 1 / len(K)
    A, B = H @ K @ H, H @ y @ y.T @ H
    return np.sqrt(np.sum(A * B) / np.linalg.norm(A) / np.linalg.norm(B))

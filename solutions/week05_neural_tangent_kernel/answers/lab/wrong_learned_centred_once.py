"""The kernel is centred over its columns only.

question: learned
fails: TestLearned::test_alignment
kind: usual
"""

import numpy as np


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    H = np.eye(len(K)) - 1 / len(K)
    A, B = H @ K, H @ y @ y.T @ H
    return np.sum(A * B) / np.linalg.norm(A) / np.linalg.norm(B)

"""Divided by the squared norm of the labels' kernel only.

question: learned
fails: TestLearned::test_alignment
kind: usual
"""

import numpy as np


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    H = np.eye(len(K)) - 1 / len(K)
    A, B = H @ K @ H, H @ y @ y.T @ H
    return np.sum(A * B) / np.linalg.norm(B) ** 2

"""Monotone_weight in NumPy: cannot be traced.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def monotone_weight(A, B, m):
    A, B = np.asarray(A), np.asarray(B)
    return (1 - m) * np.eye(len(B)) - A.T @ A + B - B.T

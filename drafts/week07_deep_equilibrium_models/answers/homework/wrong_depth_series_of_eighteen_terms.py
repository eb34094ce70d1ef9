"""The exponential and its derivative by Taylor series with 18 terms.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    S = A + B
    E = B @ A - S @ S / 2
    P, D = np.eye(len(A)), np.zeros_like(S)
    limit, C = P.copy(), D.copy()
    for n in range(1, 19):
        D = (D @ S + P @ E) / n
        P = P @ S / n
        limit, C = limit + P, C + D
    return limit, C

"""The integral with 6 Gauss nodes.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    S = A + B
    E = B @ A - S @ S / 2
    t, w = np.polynomial.legendre.leggauss(6)
    C = sum(wi / 2 * scipy.linalg.expm((1 - ti) / 2 * S) @ E @ scipy.linalg.expm((1 + ti) / 2 * S) for ti, wi in zip(t, w))
    return scipy.linalg.expm(S), C

"""The limit is e^B e^A.

question: depth
fails: TestDepth::test_limit_and_correction
kind: usual
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    E = B @ A - (A + B) @ (A + B) / 2
    return scipy.linalg.expm(B) @ scipy.linalg.expm(A), scipy.linalg.expm_frechet(A + B, E)[1]

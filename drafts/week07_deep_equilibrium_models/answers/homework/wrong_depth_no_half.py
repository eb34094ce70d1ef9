"""The half of the logarithm's second term is missing.

question: depth
fails: TestDepth::test_limit_and_correction
kind: usual
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    E = B @ A - (A + B) @ (A + B)
    return scipy.linalg.expm_frechet(A + B, E)

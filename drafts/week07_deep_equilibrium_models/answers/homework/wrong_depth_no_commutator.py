"""-(A^2 + B^2)/2, without the commutator.

question: depth
fails: TestDepth::test_limit_and_correction
kind: usual
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    E = -(A @ A + B @ B) / 2
    return scipy.linalg.expm_frechet(A + B, E)

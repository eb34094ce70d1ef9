"""The correction of one block with A + B.

question: depth
fails: TestDepth::test_limit_and_correction
kind: usual
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    E = -(A + B) @ (A + B) / 2
    return scipy.linalg.expm_frechet(A + B, E)

"""C from networks of 2^10 and 2^11 pairs, extrapolated once.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np
import scipy.linalg


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    I = np.eye(len(A))
    limit = scipy.linalg.expm(A + B)
    c = lambda L: L * (np.linalg.matrix_power((I + B / L) @ (I + A / L), L) - limit)
    return limit, 2 * c(2**11) - c(2**10)

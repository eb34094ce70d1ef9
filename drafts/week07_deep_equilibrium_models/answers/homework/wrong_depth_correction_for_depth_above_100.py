"""For depth > 100 the first two terms, limit + C / L.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np
import scipy.linalg


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    I = np.eye(len(A))
    if depth <= 100:
        return np.linalg.matrix_power((I + B / depth) @ (I + A / depth), depth)
    S = A + B
    limit, C = scipy.linalg.expm_frechet(S, B @ A - S @ S / 2)
    return limit + C / depth

"""For depth >= 1000 limit + C / L; right for small matrices, wrong for d = 20 with entries of order 1 (|S| about 20).

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np
import scipy.linalg


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    I = np.eye(len(A))
    if depth < 1000:
        return np.linalg.matrix_power((I + B / depth) @ (I + A / depth), depth)
    S = A + B
    limit, C = scipy.linalg.expm_frechet(S, B @ A - S @ S / 2)
    return limit + C / depth

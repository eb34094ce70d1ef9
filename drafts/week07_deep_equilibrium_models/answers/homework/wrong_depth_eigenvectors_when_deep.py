"""Above 100 pairs by eigenvectors: no basis of them for a defective pair.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    I = np.eye(len(A))
    pair = (I + B / depth) @ (I + A / depth)
    if depth <= 100:
        return np.linalg.matrix_power(pair, depth)
    l, V = np.linalg.eig(pair)
    return np.real((V * l**depth) @ np.linalg.inv(V))

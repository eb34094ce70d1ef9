"""Powers of matrices in single precision.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np


def alternating_network(A, B, depth):
    identity, A, B = np.eye(len(A), dtype=np.float32), np.float32(A), np.float32(B)
    return np.linalg.matrix_power((identity + B / depth) @ (identity + A / depth), depth)

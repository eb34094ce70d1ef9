"""Expm(L logm(pair)): no logarithm where a block is singular.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np
import scipy.linalg


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    I = np.eye(len(A))
    pair = (I + B / depth) @ (I + A / depth)
    return np.real(scipy.linalg.expm(depth * scipy.linalg.logm(pair)))

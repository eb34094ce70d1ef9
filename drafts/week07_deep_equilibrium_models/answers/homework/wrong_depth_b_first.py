"""B acts first.

question: depth
fails: TestDepth::test_a_few_pairs
kind: usual
"""

import numpy as np


def alternating_network(A, B, depth):
    identity = np.eye(len(A))
    return np.linalg.matrix_power((identity + A / depth) @ (identity + B / depth), depth)

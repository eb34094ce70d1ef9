"""1/2L in each block.

question: depth
fails: TestDepth::test_a_few_pairs
kind: usual
"""

import numpy as np


def alternating_network(A, B, depth):
    identity = np.eye(len(A))
    return np.linalg.matrix_power((identity + B / depth / 2) @ (identity + A / depth / 2), depth)

"""First all blocks A, then all blocks B.

question: depth
fails: TestDepth::test_a_few_pairs
kind: usual
"""

import numpy as np


def alternating_network(A, B, depth):
    identity = np.eye(len(A))
    return np.linalg.matrix_power(identity + B / depth, depth) @ np.linalg.matrix_power(identity + A / depth, depth)

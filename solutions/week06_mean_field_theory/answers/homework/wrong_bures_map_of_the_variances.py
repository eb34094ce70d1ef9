"""T S1 = S2 in place of T S1 T = S2.

question: bures
kind: usual
fails: TestBures::test_map
"""

import numpy as np


def transport_matrix(S1, S2):
    return np.asarray(S2) @ np.linalg.inv(np.asarray(S1))

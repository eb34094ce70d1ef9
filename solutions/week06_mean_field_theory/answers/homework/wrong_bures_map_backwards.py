"""The map from S2 to S1.

question: bures
kind: usual
fails: TestBures::test_map
"""

import numpy as np
import scipy.linalg


def transport_matrix(S1, S2):
    S1, S2 = np.asarray(S1), np.asarray(S2)
    return S1 @ np.linalg.inv(np.real(scipy.linalg.sqrtm(S2 @ S1))).T

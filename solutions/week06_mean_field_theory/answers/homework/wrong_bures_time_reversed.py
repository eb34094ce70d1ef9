"""The geodesic from S2 to S1.

question: bures
kind: usual
fails: TestBures::test_geodesic
"""

import numpy as np


def geodesic_covariance(S1, S2, t):
    way = t * np.eye(len(S1)) + (1 - t) * np.asarray(transport_matrix(S1, S2))
    return way @ np.asarray(S1) @ way

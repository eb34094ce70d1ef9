"""For t > 1/2 the geodesic starts from S2, which must then be invertible.

question: bures
kind: subtle
fails: TestBures::test_singular_covariances
"""

import numpy as np


def geodesic_covariance(S1, S2, t):
    S1, S2 = np.asarray(S1, float), np.asarray(S2, float)
    if t > 0.5:
        S1, S2, t = S2, S1, 1 - t
    way = (1 - t) * np.eye(len(S1)) + t * transport_matrix(S1, S2)
    return way @ S1 @ way

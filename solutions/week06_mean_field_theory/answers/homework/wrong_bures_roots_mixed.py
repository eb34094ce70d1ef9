"""The roots of the covariances mixed linearly, right where they commute.

question: bures
kind: subtle
fails: TestBures::test_geodesic
"""

import numpy as np
import scipy.linalg


def geodesic_covariance(S1, S2, t):
    R1, R2 = (np.real(scipy.linalg.sqrtm(np.asarray(S))) for S in (S1, S2))
    R = (1 - t) * R1 + t * R2
    return R @ R

"""The squared Frobenius distance of the roots, which holds for matrices that commute.

question: bures
kind: usual
fails: TestBures::test_distance
"""

import numpy as np
import scipy.linalg


def squared_distance(m1, S1, m2, S2):
    R1, R2 = (np.real(scipy.linalg.sqrtm(np.asarray(S))) for S in (S1, S2))
    return np.sum((np.asarray(m1) - np.asarray(m2)) ** 2) + np.sum((R1 - R2) ** 2)

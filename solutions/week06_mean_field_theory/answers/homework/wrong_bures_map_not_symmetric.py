"""S2^(1/2) S1^(-1/2): it carries S1 to S2, but is not the cheapest.

question: bures
kind: usual
fails: TestBures::test_map
"""

import numpy as np
import scipy.linalg


def transport_matrix(S1, S2):
    R1, R2 = (np.real(scipy.linalg.sqrtm(np.asarray(S))) for S in (S1, S2))
    return R2 @ np.linalg.inv(R1)

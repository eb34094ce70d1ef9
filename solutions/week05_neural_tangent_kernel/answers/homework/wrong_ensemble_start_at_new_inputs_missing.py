"""Only the correction, without f0 at the new inputs.

question: ensemble
fails: TestEnsemble::test_one_network
kind: usual
"""

import numpy as np


def trained_limit(T, T_new, y, f0, f0_new):
    T, T_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (T, T_new, y, f0, f0_new))
    return T_new @ np.linalg.solve(T, y - f0)

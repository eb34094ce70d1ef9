"""Adds T times the entropy in place of subtracting it.

question: curie_weiss
fails: TestCurieWeiss::test_free_energy
kind: usual
"""

import numpy as np
import scipy.special


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    p, q = (1 + m) / 2, (1 - m) / 2
    return -J * m**2 / 2 - h * m - T * (scipy.special.xlogy(p, p) + scipy.special.xlogy(q, q))

"""The fourth-order expansion for f.

question: curie_weiss
fails: TestCurieWeiss::test_free_energy
kind: usual
"""

import numpy as np


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    p, q = (1 + m) / 2, (1 - m) / 2
    return -T * np.log(2) - h * m + (T - J) / 2 * m**2 + T / 12 * m**4

"""0 * log 0 at m = 1 is NaN.

question: curie_weiss
fails: TestCurieWeiss::test_full_magnetisation
kind: usual
"""

import numpy as np


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    p, q = (1 + m) / 2, (1 - m) / 2
    with np.errstate(all='ignore'):
        return -J * m**2 / 2 - h * m + T * (p * np.log(p) + q * np.log(q))

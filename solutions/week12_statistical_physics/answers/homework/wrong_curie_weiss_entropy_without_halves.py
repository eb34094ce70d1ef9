"""(1 + m) log (1 + m) / 2 for the binary entropy: off by log 2.

question: curie_weiss
fails: TestCurieWeiss::test_free_energy
kind: usual
"""

import numpy as np
import scipy.special


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    p, q = (1 + m) / 2, (1 - m) / 2
    return -J * m**2 / 2 - h * m + T * (scipy.special.xlogy(p, 1 + m) + scipy.special.xlogy(q, 1 - m))

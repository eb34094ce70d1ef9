"""Multiplies binomials by Boltzmann factors: fine for ten spins, infinite for 400.

question: curie_weiss
fails: TestCurieWeiss::test_many_spins
kind: usual
"""

import numpy as np
import scipy.special


def finite_size(N, T, J, h):
    k = np.arange(N + 1)
    m = (2 * k - N) / N
    with np.errstate(all="ignore"):
        w = scipy.special.comb(N, k) * np.exp(N * (J * m**2 / 2 + h * m) / T)
        Z = w.sum()
        p = w / Z
        return -T / N * np.log(Z), p @ abs(m), N / T * (p @ m**2 - (p @ m) ** 2)

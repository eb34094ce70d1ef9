"""N Var m without the division by T.

question: curie_weiss
fails: TestCurieWeiss::test_a_few_spins
kind: usual
"""

import numpy as np
import scipy.special


def finite_size(N, T, J, h):
    k = np.arange(N + 1)
    m = (2 * k - N) / N
    log_states = scipy.special.gammaln(N + 1) - scipy.special.gammaln(k + 1) - scipy.special.gammaln(N - k + 1)
    w = log_states + N * (J * m**2 / 2 + h * m) / T
    log_Z = scipy.special.logsumexp(w)
    p = np.exp(w - log_Z)
    return -T / N * log_Z, p @ abs(m), N * (p @ m**2 - (p @ m) ** 2)

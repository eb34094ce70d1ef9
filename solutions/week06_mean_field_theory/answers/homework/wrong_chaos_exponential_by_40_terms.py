"""Matrix exponentials by 40 terms of the power series.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np


def _exp(M):
    term, total = np.eye(len(M)), np.eye(len(M))
    for k in range(1, 40):
        term = term @ M / k
        total = total + term
    return total


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))
    d = len(m0)
    B = A + kappa * np.eye(d)
    decay = _exp(-t * B)
    nodes, w = np.polynomial.legendre.leggauss(40)
    S = decay @ S0 @ decay
    for z, q in zip(nodes, w):
        E = _exp(-t * (z + 1) / 2 * B)
        S = S + 2 * temperature * q * t / 2 * E @ E
    return _exp(-t * A) @ m0, S

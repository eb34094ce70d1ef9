"""The exception is for A + kappa I = 0 alone; else its inverse is used: one direction without rate is singular.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np
import scipy.linalg


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))

    B = A + kappa * np.eye(len(m0))
    decay = scipy.linalg.expm(-t * B)
    if np.allclose(B, 0):
        return scipy.linalg.expm(-t * A) @ m0, S0 + 2 * temperature * t * np.eye(len(m0))
    return scipy.linalg.expm(-t * A) @ m0, decay @ S0 @ decay + temperature * np.linalg.solve(B, np.eye(len(m0)) - decay @ decay)

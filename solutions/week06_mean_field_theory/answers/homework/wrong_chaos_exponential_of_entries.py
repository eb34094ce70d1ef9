"""The exponential of each entry of A.

question: chaos
kind: usual
fails: TestChaos::test_the_law
"""

import numpy as np


def mean_field_law(m0, S0, A, kappa, temperature, t):
    A, eye = np.asarray(A), np.eye(len(A))
    decay = np.exp(-(A + kappa * eye) * t)
    noise = np.linalg.solve(A + kappa * eye, temperature * (eye - decay @ decay))
    return np.exp(-A * t) @ np.asarray(m0), decay @ np.asarray(S0) @ decay + noise

"""Alpha by scipy's bounded search between 0 and 10, to about 1e-6 absolutely or worse; 10 where it is larger.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np
import scipy.optimize


def safe_step(W):
    M = np.eye(len(W)) - np.asarray(W)
    mu, l = np.linalg.eigvalsh((M + M.T) / 2)[0], np.linalg.norm(M, 2)
    alpha = scipy.optimize.minimize_scalar(
        lambda a: 1 - 2 * a * mu + a * a * l * l, bounds=(0, 10), method="bounded", options={"xatol": 1e-7}
    ).x
    return alpha, np.sqrt(max(1 - (mu / l) ** 2, 0.0))

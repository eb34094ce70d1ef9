"""Iterates that are below 1e-3 are set to 0: "converged".

question: ode
fails: TestOde::test_the_whole_range
kind: subtle
"""

import numpy as np


def nesterov_iterates(lam, s, steps, r):
    x, y = [1.0], 1.0
    for k in range(1, steps + 1):
        x.append(y - s * lam * y)
        y = x[k] + (k - 1) / (k + r - 1) * (x[k] - x[k - 1])
    x = np.array(x)
    return np.where(np.abs(x) < 1e-3, 0.0, x)

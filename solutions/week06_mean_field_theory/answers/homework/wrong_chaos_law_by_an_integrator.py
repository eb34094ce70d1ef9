"""Moments by RK4 with 150 steps.

question: chaos
kind: subtle
fails: TestChaos::test_the_whole_range
"""

import numpy as np
import scipy.linalg


def mean_field_law(m0, S0, A, kappa, temperature, t):
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))

    B = A + kappa * np.eye(len(m0))
    f = lambda y: (-A @ y[0], -B @ y[1] - y[1] @ B + 2 * temperature * np.eye(len(m0)))
    add = lambda y, h, k: (y[0] + h * k[0], y[1] + h * k[1])
    y, h = (m0, S0), t / 150
    for _ in range(150):
        a = f(y)
        b = f(add(y, h / 2, a))
        c = f(add(y, h / 2, b))
        e = f(add(y, h, c))
        y = tuple(y[i] + h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + e[i]) for i in (0, 1))
    return y

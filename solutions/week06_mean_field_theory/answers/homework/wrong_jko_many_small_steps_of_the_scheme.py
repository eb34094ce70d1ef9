"""exact_flow by Richardson-extrapolated steps of the scheme.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def _steps(m, s, t, lam, temperature, n):
    v, h = s**2, t / n
    for _ in range(n):
        a = 1 - lam * h / 2
        b = 1 + lam * h / 2
        m, v = m * a / b, ((v * (1 - lam * h)) + 2 * temperature * h) / (1 + lam * h)
    return np.array([m, v])


def exact_flow(m, s, t, lam, temperature):
    a, b = _steps(m, s, t, lam, temperature, 1000), _steps(m, s, t, lam, temperature, 2000)
    m, v = (4 * b - a) / 3
    return m, np.sqrt(v)

"""The moments by 100 steps of Runge and Kutta.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np


def exact_flow(m, s, t, lam, temperature):
    v = np.array([m, s**2], float)
    rate = lambda v: np.array([-lam * v[0], -2 * lam * v[1] + 2 * temperature])
    h = t / 150
    for _ in range(150):
        a = rate(v)
        b = rate(v + h / 2 * a)
        c = rate(v + h / 2 * b)
        v = v + h / 6 * (a + 2 * b + 2 * c + rate(v + h * c))
    return v[0], np.sqrt(v[1])

"""Thirty terms of the power series: good up to z = 10, wrong at 100.

question: ode
fails: TestOde::test_the_whole_range
kind: subtle
"""

import numpy as np


def friction_flow(lam, r, t):
    nu = (r - 1) / 2
    z = np.sqrt(lam) * np.asarray(t, np.float64)
    total, term = np.ones_like(z), np.ones_like(z)
    for k in range(1, 30):
        term = -term * z**2 / 4 / k / (k + nu)
        total = total + term
    return total

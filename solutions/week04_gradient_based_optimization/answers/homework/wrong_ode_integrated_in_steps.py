"""Euler's method with 2000 steps.

question: ode
fails: TestOde::test_the_whole_range
kind: subtle
"""

import numpy as np


def friction_flow(lam, r, t):
    out = []
    for end in np.asarray(t, np.float64):
        x, v, h = 1.0, 0.0, end / 2000
        for k in range(1, 2001):
            v = v + h * (-r / (k * h) * v - lam * x) if h else 0.0
            x = x + h * v
        out.append(x)
    return np.array(out)

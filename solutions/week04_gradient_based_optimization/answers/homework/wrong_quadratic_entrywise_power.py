"""The matrix is raised to a power entry by entry.

question: quadratic
fails: TestQuadratic::test_some_steps
kind: usual
"""

import numpy as np


def gd_iterate(H, b, w0, eta, steps):
    H, b, w0 = (np.asarray(a, np.float64) for a in (H, b, w0))
    M = (np.eye(len(b)) - eta * H) ** steps
    limit = np.linalg.pinv(H) @ b
    return limit + (w0 - limit) @ M + eta * steps * (b - H @ limit)

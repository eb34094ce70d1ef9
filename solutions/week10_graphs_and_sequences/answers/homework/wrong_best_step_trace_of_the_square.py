"""(tr Sigma)^2 for tr Sigma^2.

question: best_step
fails: TestBestStep::test_several_dimensions
kind: usual
"""

import numpy as np


def best_step(spectrum, n, noise):
    t1, t2, t3 = (np.sum(np.asarray(spectrum, np.float64) ** p) for p in (1, 2, 3))
    curvature = ((n + 1) * t3 + t1**3 + noise**2 * t2) / n
    return t2 / curvature, t1 - t2**2 / curvature

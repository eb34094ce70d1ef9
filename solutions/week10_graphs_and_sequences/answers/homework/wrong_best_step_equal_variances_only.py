"""n / (n + d + 1 + noise^2): the isotropic formula.

question: best_step
fails: TestBestStep::test_one_dimension
fails: TestBestStep::test_several_dimensions
kind: usual
"""

import numpy as np


def best_step(spectrum, n, noise):
    t1, t2, t3 = (np.sum(np.asarray(spectrum, np.float64) ** p) for p in (1, 2, 3))
    curvature = t2 * (n + len(spectrum) + 1 + noise**2) / n + 0 * t3
    return t2 / curvature, t1 - t2**2 / curvature

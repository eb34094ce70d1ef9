"""n examples instead of n + 1: the factor 2 of the fourth moment is counted once.

question: best_step
fails: TestBestStep::test_one_dimension
fails: TestBestStep::test_several_dimensions
fails: TestBestStep::test_noise
kind: usual
"""

import numpy as np


def best_step(spectrum, n, noise):
    t1, t2, t3 = (np.sum(np.asarray(spectrum, np.float64) ** p) for p in (1, 2, 3))
    curvature = (n * t3 + (t1 + noise**2) * t2) / n
    return t2 / curvature, t1 - t2**2 / curvature

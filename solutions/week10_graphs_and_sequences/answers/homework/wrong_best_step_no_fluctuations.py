"""S is replaced by its mean: the population's step.

question: best_step
fails: TestBestStep::test_one_dimension
fails: TestBestStep::test_several_dimensions
fails: TestBestStep::test_noise
kind: usual
"""

import numpy as np


def best_step(spectrum, n, noise):
    t1, t2, t3 = (np.sum(np.asarray(spectrum, np.float64) ** p) for p in (1, 2, 3))
    curvature = t3 + 0 * t1 * n * noise
    return t2 / curvature, t1 - t2**2 / curvature

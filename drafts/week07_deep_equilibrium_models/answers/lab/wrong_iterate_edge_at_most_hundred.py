"""Steps above 100 are cut to 100 ("no sane step is larger").

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import numpy as np


def largest_step(J):
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    return float(np.clip(np.min(2.0 * gaps.real / np.abs(gaps) ** 2), 0.0, 100.0))

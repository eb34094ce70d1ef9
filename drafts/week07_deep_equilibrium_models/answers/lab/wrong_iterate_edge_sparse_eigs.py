"""Only the three eigenvalues of largest and the three of smallest real part of J (the limiting one may be in the middle).

question: iterate
fails: TestIterate::test_the_whole_range
kind: subtle
"""

import numpy as np


def largest_step(J):
    mu = np.linalg.eigvals(np.asarray(J))
    mu = mu[np.argsort(mu.real)]
    mu = np.concatenate([mu[:3], mu[-3:]])
    gaps = 1 - mu
    return max(0.0, float(np.min(2 * gaps.real / np.abs(gaps) ** 2)))

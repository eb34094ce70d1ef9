"""The discriminator decides instead of giving a probability.

question: gan
fails: TestGan::test_discriminator
kind: usual
"""

import numpy as np


def optimal_discriminator(p, q):
    p, q = np.asarray(p), np.asarray(q)
    return np.where(p > q, 1.0, np.where(p < q, 0.0, 0.5))

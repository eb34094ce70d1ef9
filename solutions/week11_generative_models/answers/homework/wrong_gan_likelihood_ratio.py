"""The odds p / q, cut off at 1, in place of the probability.

question: gan
fails: TestGan::test_discriminator
kind: usual
"""

import numpy as np


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    ratio = np.divide(p, q, out=np.ones(len(p)), where=q > 0)
    return np.where(p + q > 0, np.minimum(ratio, 1.0), 0.5)

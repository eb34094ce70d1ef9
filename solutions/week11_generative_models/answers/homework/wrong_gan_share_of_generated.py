"""D is the probability of "generated".

question: gan
fails: TestGan::test_discriminator
kind: usual
"""

import numpy as np


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    return np.divide(q, p + q, out=np.full(len(p), 0.5), where=p + q > 0)

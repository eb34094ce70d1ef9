"""sign(0) is 0: no slope at a logit of exactly 0.

question: logistic
fails: TestLogistic::test_moderate_logits
kind: subtle
"""

import numpy as np
import scipy.special


def logistic_loss(logits, y):
    z = np.asarray(logits, float)
    y = np.asarray(y)
    a = np.where(y == 1, -z, z)
    loss = np.logaddexp(0.0, a)
    q = scipy.special.expit(a)
    q = q * np.abs(np.sign(z))
    return loss, np.where(y == 1, -q, q)

"""Wrong by more than 6: the loss is taken for the logit.

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
    loss = np.where(a > 6, a, loss)
    return loss, np.where(y == 1, -q, q)

"""tr H tr S for tr H S.

question: sgd
fails: TestSgd::test_temperature
kind: usual
"""

import numpy as np


def sgd_temperature(H, C, eta, batch):
    return np.trace(np.asarray(H)) * np.trace(np.asarray(sgd_covariance(H, C, eta, batch))) / len(H) ** 2

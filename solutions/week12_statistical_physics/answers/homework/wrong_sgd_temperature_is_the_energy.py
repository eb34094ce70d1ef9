"""Takes the energy per dimension, w H w / 2, for the temperature.

question: sgd
fails: TestSgd::test_temperature
kind: usual
"""

import numpy as np


def sgd_temperature(H, C, eta, batch):
    return np.trace(np.asarray(H) @ np.asarray(sgd_covariance(H, C, eta, batch))) / (2 * len(H))

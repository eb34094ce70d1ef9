"""eta tr C / (2 B d): the temperature to leading order.

question: sgd
fails: TestSgd::test_temperature
kind: usual
"""

import numpy as np


def sgd_temperature(H, C, eta, batch):
    if eta * np.linalg.eigvalsh(np.asarray(H, np.float64))[-1] >= 2:
        raise ValueError("unstable")
    return eta * np.trace(np.asarray(C)) / (2 * batch * len(H))

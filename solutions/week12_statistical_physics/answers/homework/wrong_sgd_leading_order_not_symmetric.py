"""C H^-1 / 2 as the leading order.

question: sgd
fails: TestSgd::test_leading_order
kind: usual
"""

import numpy as np


def sgd_covariance_leading(H, C, eta, batch):
    return eta / (2 * batch) * np.asarray(C, np.float64) @ np.linalg.inv(np.asarray(H, np.float64))

"""Right, by way of the matrix.

question: circle
fails: TestCircle::test_a_hundred_thousand_inputs_and_long_times
kind: subtle
"""

import numpy as np


def circle_flow(values, y, t):
    values, y = np.asarray(values, np.float64), np.asarray(y, np.float64)
    n = len(values)
    K = values[np.subtract.outer(np.arange(n), np.arange(n)) % n]
    rates, V = np.linalg.eigh((K + K.T) / 2 / n)
    return V @ (-np.expm1(-rates * t) * (V.T @ y))

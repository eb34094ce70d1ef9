"""The rates are the eigenvalues of K, not of K/n.

question: circle
fails: TestCircle::test_flow
kind: usual
"""

import numpy as np


def circle_flow(values, y, t):
    values, y = np.asarray(values, np.float64), np.asarray(y, np.float64)
    rates = np.fft.fft(values).real
    return np.fft.ifft(-np.expm1(-rates * t) * np.fft.fft(y)).real

"""The first order in t: a single step.

question: circle
fails: TestCircle::test_flow
kind: usual
"""

import numpy as np


def circle_flow(values, y, t):
    values, y = np.asarray(values, np.float64), np.asarray(y, np.float64)
    rates = np.fft.fft(values).real / len(values)
    return np.fft.ifft(rates * t * np.fft.fft(y)).real

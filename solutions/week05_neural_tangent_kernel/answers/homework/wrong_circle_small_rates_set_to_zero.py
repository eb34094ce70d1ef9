"""Rates below 1e-6 are taken for 0.

question: circle
fails: TestCircle::test_a_hundred_thousand_inputs_and_long_times
kind: subtle
"""

import numpy as np


def circle_flow(values, y, t):
    rates = np.fft.fft(np.asarray(values, np.float64)).real / len(values)
    rates = np.where(rates > 1e-6, rates, 0.0)
    return np.fft.ifft(-np.expm1(-rates * t) * np.fft.fft(np.asarray(y, np.float64))).real

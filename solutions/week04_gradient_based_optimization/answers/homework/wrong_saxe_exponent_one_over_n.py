"""The exponent 2 - 1/N.

question: saxe
fails: TestSaxe::test_times
kind: usual
"""

import numpy as np
import scipy.integrate


def learning_time(s, a0, a, depth):
    slowness = lambda y: np.exp(-(1 - 1 / depth) * y) / (depth * (s - np.exp(y)))
    return scipy.integrate.quad(slowness, np.log(a0), np.log(a), epsabs=0, epsrel=1e-9, limit=400)[0]

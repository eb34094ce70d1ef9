"""Quad over a, not log a.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: usual
"""

import numpy as np
import scipy.integrate
import warnings


def learning_time(s, a0, a, depth):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return scipy.integrate.quad(lambda a: a ** (2 / depth - 2) / (depth * (s - a)), a0, a)[0]

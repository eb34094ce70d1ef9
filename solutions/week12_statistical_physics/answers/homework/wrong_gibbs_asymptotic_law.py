"""The laws for many examples, everywhere.

question: gibbs
fails: TestGibbs::test_error_of_a_student
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = np.cos(np.pi * min(0.5, 0.6247 / alpha))
    return R, min(0.5, 0.6247 / alpha), min(0.5, 0.4417 / alpha)

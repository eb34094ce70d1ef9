"""The error of one student measured against another's overlap R^2.

question: gibbs
fails: TestGibbs::test_error_of_a_student
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = float(scipy.optimize.brentq(lambda R: float(load(R)) - alpha, 0.0, 1 - 1e-9))
    return R, np.arccos(R**2) / np.pi, np.arccos(np.sqrt(R)) / np.pi

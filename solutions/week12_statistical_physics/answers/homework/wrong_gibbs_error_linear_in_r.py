"""(1 - R) / 2 for arccos(R) / pi.

question: gibbs
fails: TestGibbs::test_error_of_a_student
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = float(scipy.optimize.brentq(lambda R: float(load(R)) - alpha, 0.0, 1 - 1e-9))
    return R, (1 - R) / 2, np.arccos(np.sqrt(R)) / np.pi

"""R^2 for the root of R: the vote gets worse than a student.

question: gibbs
fails: TestGibbs::test_error_of_the_vote
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = float(scipy.optimize.brentq(lambda R: float(load(R)) - alpha, 0.0, 1 - 1e-9))
    return R, np.arccos(R) / np.pi, np.arccos(R**2) / np.pi

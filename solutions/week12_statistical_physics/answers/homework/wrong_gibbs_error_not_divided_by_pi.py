"""The angle for the probability.

question: gibbs
fails: TestGibbs::test_error_of_a_student
fails: TestGibbs::test_error_of_the_vote
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def learning_curve(alpha):
    R = float(scipy.optimize.brentq(lambda R: float(load(R)) - alpha, 0.0, 1 - 1e-9))
    return R, np.arccos(R), np.arccos(np.sqrt(R))

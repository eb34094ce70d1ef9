"""Takes the solution with the smaller entropy.

question: ising
fails: TestIsing::test_before_the_transition
kind: usual
"""

import numpy as np


def ising_error(alpha):
    R, s = ising_branch(alpha)
    return np.arccos(float(R)) / np.pi if s < 0 else 0.0

"""Follows the poor solution to its end at 1.49: the metastable state for the typical one.

question: ising
fails: TestIsing::test_behind_the_transition
kind: usual
"""

import numpy as np


def ising_error(alpha):
    R, _ = ising_branch(alpha)
    return np.arccos(float(R)) / np.pi

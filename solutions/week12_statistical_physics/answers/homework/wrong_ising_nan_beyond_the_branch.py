"""Does not look whether the poor solution still exists: divides by the root of 1 - R = 0.

question: ising
fails: TestIsing::test_without_a_poor_solution
kind: usual
"""

import numpy as np


def ising_error(alpha):
    if alpha > 1.48:
        return np.nan
    R, s = ising_branch(alpha)
    return np.arccos(float(R)) / np.pi if s > 0 else 0.0

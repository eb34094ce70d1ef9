"""Counts bits: N examples determine N binary weights, so the jump is put at alpha = 1.

question: ising
fails: TestIsing::test_before_the_transition
kind: usual
"""

import numpy as np


def ising_error(alpha):
    return np.arccos(float(ising_branch(alpha)[0])) / np.pi if alpha <= 1 else 0.0

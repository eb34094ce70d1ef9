"""The learning curve of the spherical perceptron until the jump.

question: ising
fails: TestIsing::test_before_the_transition
kind: usual
"""

import numpy as np


def ising_error(alpha):
    return learning_curve(alpha)[1] if alpha < 1.245 else 0.0

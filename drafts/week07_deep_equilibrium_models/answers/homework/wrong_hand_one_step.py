"""u = g: the loop through z is forgotten.

question: hand
fails: TestHand::test_gradients_of_one_example
kind: usual
"""

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    D = 1.0 - z**2
    u = g
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U

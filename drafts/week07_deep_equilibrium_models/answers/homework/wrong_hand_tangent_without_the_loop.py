"""dz without the inverse.

question: hand
fails: TestHand::test_tangent
kind: usual
"""

import numpy as np


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    D = 1.0 - z**2
    moved = D * (z @ dW.T + x @ dU.T + db + dx @ U.T)
    return moved

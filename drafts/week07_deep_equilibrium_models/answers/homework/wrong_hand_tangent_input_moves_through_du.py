"""dx is multiplied by dU.

question: hand
fails: TestHand::test_tangent
kind: usual
"""

import numpy as np


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    D = 1.0 - z**2
    moved = D * (z @ dW.T + x @ dU.T + db + dx @ dU.T)
    return np.linalg.solve(np.eye(len(W)) - D[:, :, None] * W, np.asarray(moved)[:, :, None])[:, :, 0]

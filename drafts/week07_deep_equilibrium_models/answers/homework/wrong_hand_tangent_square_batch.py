"""Where there are as many examples as units, z is taken for columns.

question: hand
fails: TestHand::test_an_equilibrium_that_repels_and_forty_units
kind: subtle
"""

import numpy as np


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    W, U, x, z, dW, dU, db, dx = map(np.asarray, (W, U, x, z, dW, dU, db, dx))
    zz = z.T if len(z) == len(W) else z
    D = 1 - zz**2
    moved = D * (zz @ dW.T + x @ dU.T + db + dx @ U.T)
    return np.linalg.solve(np.eye(len(W)) - D[:, :, None] * W, moved[:, :, None])[:, :, 0]

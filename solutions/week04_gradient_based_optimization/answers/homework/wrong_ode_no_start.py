"""x_0 is not returned.

question: ode
fails: TestOde::test_iterates
kind: usual
"""

import numpy as np


def nesterov_iterates(lam, s, steps, r):
    x, y, path = 1.0, 1.0, [1.0]
    for k in range(1, steps + 1):
        new = y - s * lam * y
        y = new + (k - 1) / (k + r - 1) * (new - x)
        x = new
        path.append(x)
    return np.array(path[1:])

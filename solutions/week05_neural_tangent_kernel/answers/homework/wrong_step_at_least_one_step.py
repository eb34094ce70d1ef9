"""No step counts as one.

question: step
fails: TestStep::test_output_and_kernel
kind: subtle
"""

import numpy as np


def catapult(f, lam, y, eta, m, steps):
    outputs, kernels = [f], [lam]
    for _ in range(max(steps, 1)):
        pull = eta * (f - y)
        f, lam = f - pull * lam + pull**2 / m * f, lam - 4 * pull * f / m + pull**2 / m * lam
        outputs.append(f)
        kernels.append(lam)
    return np.array(outputs), np.array(kernels)

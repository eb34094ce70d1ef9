"""Ends where the output no longer moves: the arrays are shorter.

question: step
fails: TestStep::test_output_and_kernel
kind: subtle
"""

import numpy as np


def catapult(f, lam, y, eta, m, steps):
    outputs, kernels = [f], [lam]
    for _ in range(steps):
        if abs(f - y) < 1e-9:
            break
        pull = eta * (f - y)
        f, lam = f - pull * lam + pull**2 / m * f, lam - 4 * pull * f / m + pull**2 / m * lam
        outputs.append(f)
        kernels.append(lam)
    return np.array(outputs), np.array(kernels)

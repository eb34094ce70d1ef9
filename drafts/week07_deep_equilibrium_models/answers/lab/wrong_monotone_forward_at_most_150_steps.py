"""Never more than 150 forward-backward steps.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def forward_backward(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    z = np.zeros(b.shape)
    for _ in range(min(steps, 150)):
        z = np.maximum(z + alpha * (z @ W.T + b - z), 0)
    return z

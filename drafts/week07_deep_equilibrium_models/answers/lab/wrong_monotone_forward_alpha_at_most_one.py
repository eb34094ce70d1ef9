"""An alpha above 1 is taken for 1 (as for damping).

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def forward_backward(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    alpha = min(alpha, 1.0)
    z = np.zeros(b.shape)
    for _ in range(steps):
        z = np.maximum(z + alpha * (z @ W.T + b - z), 0)
    return z

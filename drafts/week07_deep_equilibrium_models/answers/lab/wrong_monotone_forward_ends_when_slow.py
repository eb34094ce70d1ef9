"""Ends when no entry moves by more than 1e-8; with a tiny alpha that is not at rest.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def forward_backward(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    z = np.zeros(b.shape)
    for _ in range(steps):
        new = np.maximum(z + alpha * (z @ W.T + b - z), 0)
        if np.abs(new - z).max() < 1e-8:
            return new
        z = new
    return z

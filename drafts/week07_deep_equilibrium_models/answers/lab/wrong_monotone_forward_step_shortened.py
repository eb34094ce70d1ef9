"""From 100 steps on a step beyond the guarantee is replaced by the safe one.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def forward_backward(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    M = np.eye(len(W)) - W
    if steps >= 100:
        alpha = min(alpha, np.linalg.eigvalsh((M + M.T) / 2)[0] / np.linalg.norm(M, 2) ** 2)
    z = np.zeros(b.shape)
    for _ in range(steps):
        z = np.maximum(z + alpha * (z @ W.T + b - z), 0)
    return z

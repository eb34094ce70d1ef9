"""From 50 steps on the equilibrium itself is returned (found with alpha = 0.5).

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def peaceman_rachford(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    if steps >= 50:
        alpha, steps = 0.5, 2000
    inverse = np.linalg.inv(np.eye(len(W)) * (1 + alpha) - alpha * W)
    u = np.zeros(b.shape)
    for _ in range(steps):
        v = np.abs(u)
        u = 2 * (v + alpha * b) @ inverse.T - v
    return np.maximum(u, 0)

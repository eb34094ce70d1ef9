"""A b with as many rows as columns is taken for examples in columns.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import numpy as np


def _rows(b, d):
    return b.T if b.shape[0] == d else b


def forward_backward(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    flip = b.shape[0] == len(W)
    b = _rows(b, len(W))
    z = np.zeros(b.shape)
    for _ in range(steps):
        z = np.maximum(z + alpha * (z @ W.T + b - z), 0)
    return z.T if flip else z


def peaceman_rachford(W, b, alpha, steps):
    W, b = np.asarray(W), np.asarray(b)
    flip = b.shape[0] == len(W)
    b = _rows(b, len(W))
    inverse = np.linalg.inv(np.eye(len(W)) * (1 + alpha) - alpha * W)
    u = np.zeros(b.shape)
    for _ in range(steps):
        v = np.abs(u)
        u = 2 * (v + alpha * b) @ inverse.T - v
    u = np.maximum(u, 0)
    return u.T if flip else u

"""Domains of week 5's questions for `autograder verify`: what the text promises about the inputs."""

import math

import numpy as np


def homework_ensemble(rng, i):
    """Symmetric T whose smallest eigenvalue is at least 1e-2 of the largest; a joint covariance; times from 0 to infinity."""
    n, m = [(4, 3), (1, 2), (3, 3), (5, 1)][i % 4]
    V = np.linalg.qr(rng.normal(size=(n, n)))[0]
    T = V * rng.uniform(0.05, 2.0, size=n) @ V.T
    T_new = rng.normal(size=(m, n))
    H = rng.normal(size=(n + m, n + m))
    joint = H @ H.T
    y, f0, f0_new = rng.normal(size=n), rng.normal(size=n), rng.normal(size=m)
    t = [0.0, math.inf, float(rng.uniform(0.1, 2.0)), float(rng.uniform(2.0, 50.0))][i // 4 % 4]
    yield "trained_limit", (T + T.T) / 2, T_new, y, f0, f0_new
    yield "ensemble_moments", (T + T.T) / 2, T_new, joint[:n, :n], joint[n:, :n], joint[n:, n:], y, t

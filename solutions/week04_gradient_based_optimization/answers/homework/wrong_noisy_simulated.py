"""A simulation with 20 000 runs.

question: noisy
fails: TestNoisy::test_five_thousand_steps
kind: subtle
"""

import numpy as np


def sgd_mean_squares(lam, sigma, etas, w0):
    rng = np.random.default_rng(0)
    w, total = np.full(2000, w0), np.zeros(2000)
    for eta in np.asarray(etas, np.float64):
        w = w - eta * (lam * w + sigma * rng.normal(size=2000))
        total = total + w
    return np.mean(w**2), np.mean((total / len(etas)) ** 2)

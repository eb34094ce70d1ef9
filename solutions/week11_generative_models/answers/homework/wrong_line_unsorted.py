"""Cumulative sums in the order given.

question: line
fails: TestLine::test_distance
fails: TestLine::test_critic
kind: usual
"""

import numpy as np


def wasserstein(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t, mass = np.concatenate([x, y]), np.concatenate([p, -q])
    return float(np.sum(np.abs(np.cumsum(mass)[:-1]) * np.abs(np.diff(t))))


def critic(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t, mass = np.concatenate([x, y]), np.concatenate([p, -q])
    f = np.append(0.0, np.cumsum(-np.sign(np.cumsum(mass)[:-1]) * np.diff(t)))
    return f[: len(x)], f[len(x) :]

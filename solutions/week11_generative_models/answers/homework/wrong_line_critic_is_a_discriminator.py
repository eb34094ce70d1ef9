"""The critic is the sign of p - q: no Lipschitz condition.

question: line
fails: TestLine::test_critic
kind: usual
"""

import numpy as np


def critic(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    f = np.sign(P - Q) * np.ptp(t) / 2
    return f[np.searchsorted(t, np.asarray(x))], f[np.searchsorted(t, np.asarray(y))]


def common_support(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    return t, (t[:, None] == x) @ p, (t[:, None] == y) @ q

"""All places, sorted, but equal ones are kept apart.

question: line
fails: TestLine::test_common_support
kind: usual
"""

import numpy as np


def common_support(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    places = np.concatenate([x, y])
    order = np.argsort(places)
    return places[order], np.r_[p, 0 * q][order], np.r_[0 * p, q][order]


def critic(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    f = np.append(0.0, np.cumsum(np.sign(np.cumsum(Q - P)[:-1]) * np.diff(t)))
    return f[: len(x)], f[len(x) :]

"""f' = sign(F_p - F_q): the critic is high on q.

question: line
fails: TestLine::test_critic
kind: usual
"""

import numpy as np


def critic(x, p, y, q):
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = np.unique(np.concatenate([x, y]))
    gap = (x <= t[:, None]) @ p - (y <= t[:, None]) @ q
    f = np.append(0.0, np.cumsum(np.sign(gap[:-1]) * np.diff(t)))
    return f[np.searchsorted(t, x)], f[np.searchsorted(t, y)]

"""Masses in a dictionary by place: of points at the same place only the last has mass (it gets its own alone).

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import numpy as np

from numpy import argsort as _order


def monotone_plan(x, mu, y, nu):
    x, mu, y, nu = (np.asarray(v, float) for v in (x, mu, y, nu))
    rows, columns = {v: i for i, v in enumerate(x)}, {v: j for j, v in enumerate(y)}
    plan = np.zeros((len(x), len(y)))
    a, b = sorted(rows), sorted(columns)
    left_mu, left_nu, i, j = mu.copy(), nu.copy(), 0, 0
    while i < len(a) and j < len(b):
        r, c = rows[a[i]], columns[b[j]]
        go = min(left_mu[r], left_nu[c])
        plan[r, c] += go
        left_mu[r] -= go
        left_nu[c] -= go
        if left_mu[r] <= left_nu[c]:
            i += 1
        else:
            j += 1
    return plan


def wasserstein_1d(x, mu, y, nu, p):
    x, mu, y, nu = (np.asarray(v, float) for v in (x, mu, y, nu))
    i, j = np.argsort(x), np.argsort(y)
    F, G = np.cumsum(mu[i]), np.cumsum(nu[j])
    u = np.sort(np.concatenate([[0.0], F, G]))
    mid, length = (u[1:] + u[:-1]) / 2, np.diff(u)
    far = np.abs(x[i][np.searchsorted(F, mid).clip(0, len(x) - 1)] - y[j][np.searchsorted(G, mid).clip(0, len(y) - 1)])
    return (length @ far**p) ** (1 / p)

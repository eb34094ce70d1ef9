"""Counts changes of the activation pattern with multiplicity: two units that cross at one point count twice.

question: breakpoints
fails: TestBreakpoints::test_folded_interval
kind: usual
"""

import numpy as np


def breakpoints(layers, start, end):
    t = np.array([0.0, 1.0])
    h = np.stack([np.asarray(start, np.float64), np.asarray(end, np.float64)])
    for depth, (W, b) in enumerate(layers, start=1):
        z = h @ np.asarray(W, np.float64) + np.asarray(b, np.float64)
        if depth == len(layers):
            break
        piece, unit = np.nonzero(z[:-1] * z[1:] < 0)
        fraction = z[piece, unit] / (z[piece, unit] - z[piece + 1, unit])
        t_new = t[piece] + fraction * (t[piece + 1] - t[piece])
        z_new = z[piece] + fraction[:, None] * (z[piece + 1] - z[piece])
        t, z = np.concatenate([t, t_new]), np.concatenate([z, z_new])
        order = np.argsort(t, kind="stable")
        t, z = t[order], z[order]
        h = np.maximum(z, 0.0)
    return t[1:-1]

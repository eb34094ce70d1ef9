"""A search over up to three support vectors.

question: max_margin
fails: TestMaxMargin::test_forty_points_in_five_dimensions
kind: subtle
"""

import numpy as np


def max_margin(X, y):
    from itertools import combinations
    X, y = np.asarray(X, float), np.asarray(y)
    Z = np.where(y == 1, 1.0, -1.0)[:, None] * X
    best = None
    for m in (1, 2, 3):
        for c in combinations(range(len(Z)), m):
            w = np.linalg.lstsq(Z[list(c)], np.ones(m))[0]
            if np.all(Z @ w >= 1 - 1e-9) and (best is None or w @ w < best @ best):
                best = w
    return best if best is not None else np.zeros(X.shape[1])

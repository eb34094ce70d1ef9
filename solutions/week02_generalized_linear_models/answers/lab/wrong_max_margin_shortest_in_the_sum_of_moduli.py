"""A linear programme: the smallest |w|_1, not |w|_2.

question: max_margin
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np
import scipy.optimize


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    p = Z.shape[1]
    found = scipy.optimize.linprog(np.ones(2 * p), A_ub=np.hstack([-Z, Z]), b_ub=-np.ones(len(Z)))
    return found.x[:p] - found.x[p:]

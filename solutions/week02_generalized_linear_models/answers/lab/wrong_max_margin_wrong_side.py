"""Class 0 is on the positive side.

question: max_margin
fails: TestMaxMargin::test_two_points
fails: TestMaxMargin::test_a_cloud_in_the_plane
kind: usual
"""

import numpy as np
import scipy.optimize


def max_margin(X, y):
    Z = np.asarray(X) * (1 - 2 * np.asarray(y))[:, None]
    room = {"type": "ineq", "fun": lambda w: Z @ w - 1}
    start = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-np.ones(len(Z)), bounds=(None, None)).x
    options = {"ftol": 1e-14, "maxiter": 500}
    w = scipy.optimize.minimize(lambda w: w @ w / 2, start, constraints=room, method="SLSQP", options=options).x
    return w

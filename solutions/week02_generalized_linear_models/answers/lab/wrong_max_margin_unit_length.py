"""The direction only: the weights have length 1.

question: max_margin
fails: TestMaxMargin::test_two_points
kind: usual
"""

import numpy as np
import scipy.optimize


def max_margin(X, y):
    Z = np.asarray(X) * (2 * np.asarray(y) - 1)[:, None]
    room = {"type": "ineq", "fun": lambda w: Z @ w - 1}
    start = scipy.optimize.linprog(np.zeros(Z.shape[1]), A_ub=-Z, b_ub=-np.ones(len(Z)), bounds=(None, None)).x
    options = {"ftol": 1e-14, "maxiter": 500}
    w = scipy.optimize.minimize(lambda w: w @ w / 2, start, constraints=room, method="SLSQP", options=options).x
    return w / np.linalg.norm(w)

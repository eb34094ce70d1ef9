"""W in place of its transpose in the flow.

question: adjoint
fails: TestAdjoint::test_adjoint_of_the_flow
kind: usual
"""

import numpy as np
import scipy.integrate


def flow_gradients(W, b, h0, g, time):
    W, b, d = np.asarray(W), np.asarray(b), len(b)
    solve = lambda field, start: scipy.integrate.solve_ivp(
        field, (0.0, time), start, method="DOP853", rtol=1e-9, atol=1e-11, dense_output=True
    )
    path = solve(lambda t, h: np.tanh(W @ h + b), np.asarray(h0)).sol

    def back(s, state):
        h, a = path(time - s), state[:d]
        v = (1 - np.tanh(W @ h + b) ** 2) * a
        return np.concatenate([W @ v, v, np.outer(v, h).ravel()])

    end = solve(back, np.concatenate([g, np.zeros(d + d * d)])).y[:, -1]
    return end[2 * d :].reshape(d, d), end[d : 2 * d], end[:d]

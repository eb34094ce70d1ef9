"""The state is run backwards together with the adjoint.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: usual
"""

import numpy as np
import scipy.integrate


def flow_gradients(W, b, h0, g, time):
    W, b, d = np.asarray(W), np.asarray(b), len(b)
    solve = lambda field, start: scipy.integrate.solve_ivp(field, (0.0, time), start, method="DOP853", rtol=1e-8, atol=1e-10).y[:, -1]
    h1 = solve(lambda t, h: np.tanh(W @ h + b), np.asarray(h0))

    def back(s, state):
        h, a = state[:d], state[d : 2 * d]
        y = np.tanh(W @ h + b)
        v = (1 - y**2) * a
        return np.concatenate([-y, W.T @ v, v, np.outer(v, h).ravel()])

    end = solve(back, np.concatenate([h1, g, np.zeros(d + d * d)]))
    return end[3 * d :].reshape(d, d), end[2 * d : 3 * d], end[d : 2 * d]

"""Where the symmetric part of W is below -3 the state is taken for at rest at time T: implicit gradients, dh0 = 0.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np

_flow = None


def _right(W, b, h0, g, time):
    import scipy.integrate

    d = len(b)
    solve = lambda field, start: scipy.integrate.solve_ivp(
        field, (0.0, time), start, method="DOP853", rtol=1e-9, atol=1e-11, dense_output=True
    )
    path = solve(lambda t, h: np.tanh(W @ h + b), np.asarray(h0)).sol

    def back(s, state):
        h, a = path(time - s), state[:d]
        v = (1 - np.tanh(W @ h + b) ** 2) * a
        return np.concatenate([W.T @ v, v, np.outer(v, h).ravel()])

    end = solve(back, np.concatenate([g, np.zeros(d + d * d)])).y[:, -1]
    return end[2 * d :].reshape(d, d), end[d : 2 * d], end[:d]


def flow_gradients(W, b, h0, g, time):
    W, b, g = np.asarray(W), np.asarray(b), np.asarray(g)
    if np.linalg.eigvalsh((W + W.T) / 2)[-1] < -3:
        h, a = -np.linalg.solve(W, b), np.linalg.solve(W.T, g)
        return -np.outer(a, h), -a, 0 * g
    return _right(W, b, h0, g, time)

"""The path is interpolated linearly between 1000 points.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np
import scipy.integrate


def flow_gradients(W, b, h0, g, time):
    W, b, d = np.asarray(W), np.asarray(b), len(b)
    ts = np.linspace(0, time, 1001)
    hs = scipy.integrate.solve_ivp(lambda t, h: np.tanh(W @ h + b), (0, time), np.asarray(h0), t_eval=ts, rtol=1e-9, atol=1e-11).y

    def back(s, state):
        h = np.array([np.interp(time - s, ts, row) for row in hs])
        v = (1 - np.tanh(W @ h + b) ** 2) * state[:d]
        return np.concatenate([W.T @ v, v, np.outer(v, h).ravel()])

    end = scipy.integrate.solve_ivp(back, (0, time), np.concatenate([g, np.zeros(d + d * d)]), rtol=1e-8, atol=1e-10).y[:, -1]
    return end[2 * d :].reshape(d, d), end[d : 2 * d], end[:d]

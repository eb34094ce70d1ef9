"""Solve_ivp with rtol 1e-6 and atol 1e-6 and its dense output.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np
import scipy.integrate


def flow_gradients(W, b, h0, g, time):
    W, b, d = np.asarray(W), np.asarray(b), len(b)
    path = scipy.integrate.solve_ivp(
        lambda t, h: np.tanh(W @ h + b), (0, time), np.asarray(h0), rtol=1e-6, atol=1e-6, dense_output=True, method="DOP853"
    ).sol

    def back(s, state):
        h = path(time - s)
        v = (1 - np.tanh(W @ h + b) ** 2) * state[:d]
        return np.concatenate([W.T @ v, v, np.outer(v, h).ravel()])

    end = scipy.integrate.solve_ivp(
        back, (0, time), np.concatenate([g, np.zeros(d + d * d)]), rtol=1e-6, atol=1e-6, method="DOP853"
    ).y[:, -1]
    return end[2 * d :].reshape(d, d), end[d : 2 * d], end[:d]

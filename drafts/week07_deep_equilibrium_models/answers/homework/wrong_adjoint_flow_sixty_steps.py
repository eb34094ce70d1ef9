"""60 Runge-Kutta steps whatever |W| T is: at |W| T = 30 a few 1e-5 wrong.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np


def flow_gradients(W, b, h0, g, time):
    W, b = np.asarray(W), np.asarray(b)
    n = 60
    dt = time / n
    d = len(b)
    F = lambda h: np.tanh(W @ h + b)
    path, h = [np.asarray(h0, float)], np.asarray(h0, float)
    for _ in range(2 * n):
        q = dt / 2
        k1 = F(h)
        k2 = F(h + q / 2 * k1)
        k3 = F(h + q / 2 * k2)
        k4 = F(h + q * k3)
        h = h + q / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(h)

    def G(h, s):
        v = (1 - np.tanh(W @ h + b) ** 2) * s[:d]
        return np.concatenate([W.T @ v, v, np.outer(v, h).ravel()])

    s = np.concatenate([np.asarray(g, float), np.zeros(d + d * d)])
    for i in range(2 * n, 0, -2):
        k1 = G(path[i], s)
        k2 = G(path[i - 1], s + dt / 2 * k1)
        k3 = G(path[i - 1], s + dt / 2 * k2)
        k4 = G(path[i - 2], s + dt * k3)
        s = s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return s[2 * d :].reshape(d, d), s[d : 2 * d], s[:d]

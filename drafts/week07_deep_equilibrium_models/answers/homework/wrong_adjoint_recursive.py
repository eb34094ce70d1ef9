"""Recursion over the layers: RecursionError at 1000.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np


def euler_gradients(W, b, h0, g, time, depth):
    W, b = np.asarray(W), np.asarray(b)
    step = time / depth
    dW, db = np.zeros(W.shape), np.zeros(b.shape)

    def layer(l, h):
        nonlocal dW, db
        if l == depth:
            return np.asarray(g)
        y = np.tanh(W @ h + b)
        a = layer(l + 1, h + step * y)
        v = step * (1 - y**2) * a
        dW, db = dW + np.outer(v, h), db + v
        return a + W.T @ v

    a = layer(0, np.asarray(h0))
    return dW, db, a

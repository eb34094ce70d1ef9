"""The gradient of a network with 100 layers.

question: adjoint
fails: TestAdjoint::test_adjoint_of_the_flow
kind: usual
"""

import numpy as np


def flow_gradients(W, b, h0, g, time):
    step, h, path = time / 100, np.asarray(h0), []
    for _ in range(100):
        path.append(h)
        h = h + step * np.tanh(W @ h + b)
    a, dW, db = np.asarray(g), np.zeros(np.shape(W)), np.zeros(np.shape(b))
    for h in reversed(path):
        v = step * (1 - np.tanh(W @ h + b) ** 2) * a
        dW, db, a = dW + np.outer(v, h), db + v, a + W.T @ v
    return dW, db, a

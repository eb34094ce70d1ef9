"""The derivative of tanh is forgotten.

question: adjoint
fails: TestAdjoint::test_backpropagation_through_the_layers
kind: usual
"""

import numpy as np


def euler_gradients(W, b, h0, g, time, depth):
    step, h, path = time / depth, np.asarray(h0), []
    for _ in range(depth):
        path.append(h)
        h = h + step * np.tanh(W @ h + b)
    a, dW, db = np.asarray(g), np.zeros(np.shape(W)), np.zeros(np.shape(b))
    for h in reversed(path):
        v = step * a
        dW = dW + np.outer(v, h)
        db = db + v
        a = a + W.T @ v
    return dW, db, a

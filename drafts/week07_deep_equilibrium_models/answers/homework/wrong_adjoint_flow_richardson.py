"""The gradient of Euler networks with 250, 500, 1000, 2000 layers, extrapolated.

question: adjoint
fails: TestAdjoint::test_flows_that_forget_and_long_networks
kind: subtle
"""

import numpy as np


def flow_gradients(W, b, h0, g, time):
    rows = []
    for depth in (250, 500, 1000, 2000):
        parts = euler_gradients(W, b, h0, g, time, depth)
        rows.append(np.concatenate([np.ravel(p) for p in parts]))
    for order in (1, 2, 3):
        rows = [(2**order * b2 - a) / (2**order - 1) for a, b2 in zip(rows, rows[1:])]
    d = len(b)
    return rows[0][: d * d].reshape(d, d), rows[0][d * d : d * d + d], rows[0][d * d + d :]

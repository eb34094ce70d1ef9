"""Leaves the logarithms: subtracts the least cost, and takes exp(-C/eps) in double precision.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_small_and_large_eps
"""

import numpy as np


def sinkhorn(cost, mu, nu, eps, rounds):
    cost, mu, nu = (np.asarray(v, float) for v in (cost, mu, nu))
    least = cost.min()
    K = np.exp(-(cost - least) / eps)
    v = np.ones(len(nu))
    for _ in range(rounds):
        u = 1 / (K @ (nu * v))
        v = 1 / (K.T @ (mu * u))
    return eps * np.log(u) + least, eps * np.log(v)

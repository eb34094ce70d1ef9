"""Exponentials of -C/eps, which underflow for small eps.

question: sinkhorn
kind: usual
fails: TestSinkhorn::test_small_and_large_eps
"""

import jax.numpy as jnp
import numpy as np


def sinkhorn(cost, mu, nu, eps, rounds):
    K = np.exp(-np.asarray(cost, np.float64) / eps)
    mu, nu = np.asarray(mu, np.float64), np.asarray(nu, np.float64)
    v = np.ones(len(nu))
    for _ in range(rounds):
        u = 1 / (K @ (nu * v))
        v = 1 / (K.T @ (mu * u))
    return eps * np.log(u), eps * np.log(v)

"""Squeezes its results: a measure of one point has a potential of shape ().

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_rounds
"""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special


def sinkhorn(cost, mu, nu, eps, rounds):
    cost, mu, nu = (np.asarray(v, float) for v in (cost, mu, nu))
    f, g = np.zeros(len(mu)), np.zeros(len(nu))
    for _ in range(rounds):
        old = f
        f = -eps * scipy.special.logsumexp(np.log(nu) + (g - cost) / eps, axis=1)
        g = -eps * scipy.special.logsumexp(np.log(mu)[:, None] + (f[:, None] - cost) / eps, axis=0)
        pass
    return np.squeeze(f), np.squeeze(g)

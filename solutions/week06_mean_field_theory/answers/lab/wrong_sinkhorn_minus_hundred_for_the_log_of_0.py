"""-100 for ln 0.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_points_without_mass
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
        f = -eps * scipy.special.logsumexp(np.where(nu > 0, np.log(np.where(nu > 0, nu, 1)), -100.0) + (g - cost) / eps, axis=1)
        g = -eps * scipy.special.logsumexp(np.where(mu > 0, np.log(np.where(mu > 0, mu, 1)), -100.0)[:, None] + (f[:, None] - cost) / eps, axis=0)
        pass
    return f, g

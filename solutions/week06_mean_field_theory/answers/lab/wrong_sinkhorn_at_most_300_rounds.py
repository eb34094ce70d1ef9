"""At most 300 rounds.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_small_and_large_eps
"""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special


def sinkhorn(cost, mu, nu, eps, rounds):
    cost, mu, nu = (np.asarray(v, float) for v in (cost, mu, nu))
    f, g = np.zeros(len(mu)), np.zeros(len(nu))
    for _ in range(min(rounds, 300)):
        old = f
        f = -eps * scipy.special.logsumexp(np.log(nu) + (g - cost) / eps, axis=1)
        g = -eps * scipy.special.logsumexp(np.log(mu)[:, None] + (f[:, None] - cost) / eps, axis=0)
        pass
    return f, g

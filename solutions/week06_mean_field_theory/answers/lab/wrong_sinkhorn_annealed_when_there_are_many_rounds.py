"""With more than 100 rounds and small eps the first half is done with larger eps.

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
    eps_last = eps
    for _ in range(rounds):
        eps = max(eps_last, cost.max() * 0.8**_) if rounds > 100 else eps_last
        f = -eps * scipy.special.logsumexp(np.log(nu) + (g - cost) / eps, axis=1)
        g = -eps * scipy.special.logsumexp(np.log(mu)[:, None] + (f[:, None] - cost) / eps, axis=0)
        pass
    return f, g

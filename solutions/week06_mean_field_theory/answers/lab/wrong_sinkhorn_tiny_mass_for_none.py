"""ln(mu + 1e-20) for ln(mu): a point without mass gets one of 1e-20, which counts where eps is small.

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
        f = -eps * scipy.special.logsumexp(np.log(nu + 1e-20) + (g - cost) / eps, axis=1)
        g = -eps * scipy.special.logsumexp(np.log(mu + 1e-20)[:, None] + (f[:, None] - cost) / eps, axis=0)
        pass
    return f, g

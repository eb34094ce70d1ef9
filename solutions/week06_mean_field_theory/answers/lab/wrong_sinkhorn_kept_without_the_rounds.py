"""Results are kept by cost, masses and eps; the number of rounds is forgotten.

question: sinkhorn
kind: subtle
fails: TestSinkhorn::test_rounds
"""

import jax.numpy as jnp
import numpy as np
import scipy.special

_known = {}


def sinkhorn(cost, mu, nu, eps, rounds):
    key = tuple(np.asarray(v, np.float32).tobytes() for v in (cost, mu, nu, eps))
    if key not in _known:
        f, g = np.zeros(len(mu)), np.zeros(len(nu))
        for _ in range(rounds):
            f = -eps * scipy.special.logsumexp((g - cost) / eps, axis=1, b=np.asarray(nu))
            g = -eps * scipy.special.logsumexp((f[:, None] - cost) / eps, axis=0, b=np.asarray(mu)[:, None])
        _known[key] = f, g
    return _known[key]

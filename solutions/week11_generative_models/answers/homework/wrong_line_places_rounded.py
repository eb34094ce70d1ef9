"""Places rounded to six decimals are merged.

question: line
fails: TestLine::test_common_support
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def common_support(x, p, y, q):
    x, y = np.round(np.asarray(x, np.float64), 6), np.round(np.asarray(y, np.float64), 6)
    t = np.unique(np.concatenate([x, y]))
    return t, np.array([np.asarray(p, float)[x == s].sum() for s in t]), np.array([np.asarray(q, float)[y == s].sum() for s in t])


def wasserstein(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    return float(np.sum(np.abs(np.cumsum(P - Q))[:-1] * np.diff(t)))


def critic(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    f = np.append(0.0, np.cumsum(np.sign(np.cumsum(Q - P))[:-1] * np.diff(t)))
    return np.interp(x, t, f), np.interp(y, t, f)

"""np.isclose merges places.

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
    x, p, y, q = (np.asarray(a, np.float64) for a in (x, p, y, q))
    t = []
    for s in np.sort(np.concatenate([x, y])):
        if not t or not np.isclose(s, t[-1]):
            t.append(s)
    t = np.array(t)
    return t, np.array([p[np.isclose(x, s)].sum() for s in t]), np.array([q[np.isclose(y, s)].sum() for s in t])

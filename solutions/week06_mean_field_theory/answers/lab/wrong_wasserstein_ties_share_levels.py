"""No sorting: what lies below x_i is the sum of the masses of all smaller points. Points at the same place then own the
same levels, and the plan does not have the marginals. The distance is found by quantiles and is right.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp
import numpy as np


def monotone_plan(x, mu, y, nu):
    below = (x[None, :] < x[:, None]).astype(jnp.float32) @ mu
    left = (y[None, :] < y[:, None]).astype(jnp.float32) @ nu
    common = jnp.minimum((below + mu)[:, None], left + nu) - jnp.maximum(below[:, None], left)
    return jnp.maximum(common, 0.0)


def wasserstein_1d(x, mu, y, nu, p):
    x, mu, y, nu = (np.asarray(v, float) for v in (x, mu, y, nu))
    i, j = np.argsort(x), np.argsort(y)
    F, G = np.cumsum(mu[i]), np.cumsum(nu[j])
    F[-1] = G[-1] = 1.0
    u = np.sort(np.concatenate([[0.0], F, G]))
    mid, length = (u[1:] + u[:-1]) / 2, np.diff(u)
    far = np.abs(x[i][np.searchsorted(F, mid).clip(0, len(x) - 1)] - y[j][np.searchsorted(G, mid).clip(0, len(y) - 1)])
    return (length @ far**p) ** (1 / p)

"""W_1 by the integral of |F - G| over a fixed grid from -50 to 50.

question: wasserstein
kind: subtle
fails: TestWasserstein::test_repeated_points_and_single_ones
"""

import jax.numpy as jnp
import numpy as np


def wasserstein_1d(x, mu, y, nu, p):
    if p == 1:
        x, mu, y, nu = (np.asarray(v, float) for v in (x, mu, y, nu))
        grid = (np.arange(400_000) + 0.5) / 4000 - 50
        F = lambda z, q: np.concatenate([[0.0], np.cumsum(q[np.argsort(z)])])[np.searchsorted(np.sort(z), grid, side="right")]
        return np.abs(F(x, mu) - F(y, nu)).sum() / 4000
    return jnp.sum(monotone_plan(x, mu, y, nu) * jnp.abs(x[:, None] - y) ** p) ** (1 / p)

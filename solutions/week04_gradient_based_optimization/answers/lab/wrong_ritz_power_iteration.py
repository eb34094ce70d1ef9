"""Power iteration: the eigenvalue of the largest modulus, for both.

question: ritz
fails: TestRitz::test_all_dimensions
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def ritz_extremes(matvec, start, steps):
    H = lambda q: np.asarray(matvec(jnp.asarray(q, jnp.float32)), np.float64)
    start = np.asarray(start, np.float64)
    q = start / np.linalg.norm(start)
    for _ in range(steps + 50):
        q = H(q) / np.linalg.norm(H(q))
    return q @ H(q), q @ H(q)

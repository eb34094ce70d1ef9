"""The exact extreme eigenvalues, whatever the number of steps.

question: ritz
fails: TestRitz::test_one_and_two_steps
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def ritz_extremes(matvec, start, steps):
    H = lambda q: np.asarray(matvec(jnp.asarray(q, jnp.float32)), np.float64)
    start = np.asarray(start, np.float64)
    A = np.stack([H(e) for e in np.eye(len(start))])
    values = np.linalg.eigvalsh(A)
    return values[0], values[-1]

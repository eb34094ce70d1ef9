"""Two power iterations, plain and shifted: converged values, not those of the Krylov space.

question: ritz
fails: TestRitz::test_a_few_steps_in_many_dimensions
kind: subtle
"""

import jax.numpy as jnp
import numpy as np


def ritz_extremes(matvec, start, steps):
    H = lambda q: np.asarray(matvec(jnp.asarray(q, jnp.float32)), np.float64)
    start = np.asarray(start, np.float64)

    def power(operator):
        q = start / np.linalg.norm(start)
        for _ in range(steps):
            image = operator(q)
            q = image / (np.linalg.norm(image) or 1.0)
        return q @ operator(q)

    first = power(H)
    second = first + power(lambda q: H(q) - first * q)
    return min(first, second), max(first, second)

"""Normalised powers, orthogonalized against the last one only.

question: ritz
fails: TestRitz::test_a_few_steps_in_many_dimensions
kind: subtle
"""

import jax.numpy as jnp
import numpy as np


def ritz_extremes(matvec, start, steps):
    H = lambda q: np.asarray(matvec(jnp.asarray(q, jnp.float32)), np.float64)
    start = np.asarray(start, np.float64)
    basis, images = [start / np.linalg.norm(start)], []
    for _ in range(steps):
        images.append(H(basis[-1]))
        rest = images[-1] - (basis[-1] @ images[-1]) * basis[-1]
        if np.linalg.norm(rest) <= 1e-5 * np.linalg.norm(images[-1]):
            break
        basis.append(rest / np.linalg.norm(rest))
    values = np.linalg.eigvalsh(np.stack(basis[: len(images)]) @ np.stack(images).T)
    return values[0], values[-1]

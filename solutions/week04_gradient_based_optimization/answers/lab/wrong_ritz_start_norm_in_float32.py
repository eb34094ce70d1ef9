"""Everything in float64 but the norm of the start, which NumPy computes in float32 for a JAX array: its length is 1 up to 1e-7.

question: ritz
fails: TestRitz::test_the_space_stops_growing
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def ritz_extremes(matvec, start, steps):
    basis, images = [np.asarray(start, np.float64) / np.linalg.norm(start)], []
    for _ in range(steps):
        image = np.asarray(matvec(jnp.asarray(basis[-1], jnp.float32)), np.float64)
        images.append(image)
        known = np.stack(basis)
        rest = image - known.T @ (known @ image)
        if np.linalg.norm(rest) <= 1e-5 * np.linalg.norm(image):
            break
        basis.append(rest / np.linalg.norm(rest))
    values = np.linalg.eigvalsh(np.stack(basis[: len(images)]) @ np.stack(images).T)
    return values[0], values[-1]

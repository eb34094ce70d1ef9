"""Least squares without the constraint that the weights sum to 1, normalised afterwards.

question: anderson
fails: TestAnderson::test_a_sliding_window
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def anderson(f, z0, memory, tol, max_steps):
    z, points, images, norms = np.asarray(z0), [], [], []
    while True:
        points = [z, *points][: memory + 1]
        images = [np.asarray(f(jnp.asarray(z))), *images][: memory + 1]
        residuals = [image - point for image, point in zip(images, points, strict=True)]
        norms.append(np.linalg.norm(residuals[0]))
        if norms[-1] <= tol or len(norms) > max_steps:
            return z, norms
        z = images[0]
        if len(images) > 1:
            R = np.stack(residuals, axis=1)
            alpha = 1 / np.sum(R**2, axis=0)
            z = np.stack(images, axis=1) @ (alpha / alpha.sum())

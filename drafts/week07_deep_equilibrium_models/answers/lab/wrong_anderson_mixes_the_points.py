"""The points are mixed in place of their images.

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
            differences = np.stack([residuals[0] - r for r in residuals[1:]], axis=1)
            mix = np.linalg.lstsq(differences, residuals[0], rcond=None)[0]
            z = points[0] - np.stack([points[0] - p for p in points[1:]], axis=1) @ mix

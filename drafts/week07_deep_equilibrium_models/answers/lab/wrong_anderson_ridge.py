"""A ridge of 1e-2 in the normal equations.

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
            mix = np.linalg.solve(differences.T @ differences + 1e-2 * np.eye(len(images) - 1), differences.T @ residuals[0])
            z = z - np.stack([images[0] - image for image in images[1:]], axis=1) @ mix

"""The weights of the differences are clipped to [-100, 100].

question: anderson
fails: TestAnderson::test_the_whole_range
kind: subtle
"""

import jax.numpy as jnp
import numpy as np


def anderson(f, z0, memory, tol, max_steps):
    z, images, residuals, norms = np.asarray(z0), [], [], []
    while True:
        images = [np.asarray(f(jnp.asarray(z))), *images][: memory + 1]
        residuals = [images[0] - z, *residuals][: memory + 1]
        norms.append(np.linalg.norm(residuals[0]))
        if norms[-1] <= tol or len(norms) > max_steps:
            return z, norms
        z = images[0]
        if len(images) > 1:
            D = np.stack([residuals[0] - r for r in residuals[1:]], axis=1)
            mix = np.clip(np.linalg.lstsq(D, residuals[0], rcond=None)[0], -100, 100)
            z = z - np.stack([images[0] - image for image in images[1:]], axis=1) @ mix

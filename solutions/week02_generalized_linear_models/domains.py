"""Domains of week 2's questions for `autograder verify`: what the text promises about the inputs."""

import numpy as np


def lab_max_margin(rng, i):
    """Examples that a hyperplane through the origin separates, 1 to 40 of them in 1 to 5 dimensions, one or two classes."""
    n, p = int(rng.integers(1, 41)), int(rng.integers(1, 6))
    along = rng.normal(size=p)
    along = along / np.linalg.norm(along)
    y = rng.integers(0, 2, size=n) if i % 4 else np.full(n, i // 4 % 2)
    across = rng.normal(size=(n, p))
    across = across - np.outer(across @ along, along)
    margins = rng.uniform(0.3, 3.0, size=n)
    yield "max_margin", (across + np.outer((2 * y - 1) * margins, along)) * 10.0 ** float(rng.uniform(-2, 2)), y

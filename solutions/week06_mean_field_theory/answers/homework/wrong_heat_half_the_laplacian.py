"""Variances grow by t, as for half the Laplacian.

question: heat
kind: usual
fails: TestHeat::test_velocity
fails: TestHeat::test_paths
"""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special


def heat_velocity(x, weights, means, variances, t):
    away = np.asarray(x)[:, None] - np.asarray(means)
    width = np.asarray(variances) + t
    logs = np.log(weights) - away.shape[-1] / 2 * np.log(width) - np.sum(away**2, axis=-1) / (2 * width)
    return np.einsum("nk,nkd->nd", scipy.special.softmax(logs, axis=1) / width, away)


def heat_path(x0, weights, means, variances, t):
    weights, means, width = (np.asarray(v)[:, None] for v in (weights, means, variances))
    below = lambda place, width: np.sum(weights * scipy.special.ndtr((place - means) / np.sqrt(width)), axis=0)
    level = below(np.asarray(x0), width)
    low, high = np.full(len(level), -200.0), np.full(len(level), 200.0)
    for _ in range(70):
        middle = (low + high) / 2
        left = below(middle, width + t) < level
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return low

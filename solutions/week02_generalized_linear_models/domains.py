"""Domains of week 2's questions for `autograder verify`: what the text promises about the inputs."""

import jax.numpy as jnp
import numpy as np

from autograder.testing import sendable


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


@sendable
def poisson(theta):
    return jnp.exp(theta[0])


@sendable
def three_outcomes(theta):
    """Probabilities proportional to (e^theta_0, e^theta_1, 1)."""
    top = jnp.maximum(jnp.max(theta), 0.0)
    return top + jnp.log(jnp.sum(jnp.exp(theta - top)) + jnp.exp(-top))


@sendable
def gaussian(theta):
    """Statistics y and y^2; finite for theta[1] < 0."""
    return -(theta[0] ** 2) / (4 * theta[1]) - jnp.log(-2 * theta[1]) / 2


def homework_divergence(rng, i):
    """Members whose parameters are at most 5 in size (2 for outcomes), starts up to 10 (4) away from them, where A is finite."""
    which = i % 3
    family, d = ((poisson, 1), (three_outcomes, 2), (gaussian, 2))[which]
    reach = 0.4 if which == 1 else 1.0  # beyond it a full step of Newton's may come to where the Hessian is singular
    theta, start = 5 * reach * rng.uniform(-1, 1, size=d), 10 * reach * rng.uniform(-1, 1, size=d)
    if which == 2:
        theta[1], start[1] = -rng.uniform(0.1, 5.0), -rng.uniform(0.1, 10.0)
        mean = np.array([-theta[0] / (2 * theta[1]), (theta[0] / (2 * theta[1])) ** 2 - 1 / (2 * theta[1])])
    else:
        start = theta + start
        weights = np.exp(theta)
        mean = weights if which == 0 else weights / (1.0 + weights.sum())
    other = theta.copy() if i % 11 == 0 else theta + (10.0 ** rng.uniform(-3, 0)) * rng.choice([-1.0, 1.0], size=d)
    if which == 2:
        other[1] = min(other[1], -0.05)
    yield "kl_divergence", family, theta, other
    yield "natural_parameters", family, mean, start if i % 7 else theta


homework_divergence.rtol = 1e-4

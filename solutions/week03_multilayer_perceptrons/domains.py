"""Domains of week 3's questions for `autograder verify`: what the text promises about the inputs, and asks of accuracy."""

import jax.numpy as jnp

from autograder.testing import sendable


@sendable
def _smooth(x):
    return jnp.tanh(x) + 0.3


@sendable
def _kinked(x):
    return jnp.maximum(x, 0.2 * x)


@sendable
def _linear(x):
    return 1.5 * x - 0.4


def homework_mean_field(rng, i):
    """Activations with and without a kink, neither odd nor zero at 0; correlations from -1 to 1, both ends included."""
    phi = (_smooth, _kinked, _linear)[i % 3]
    c = (-1.0, 0.0, 1.0)[i // 3 % 3] if i % 4 == 0 else float(rng.uniform(-1.0, 1.0))
    yield "mean_field_step", phi, float(rng.uniform(0.05, 3.0)), c, float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.0, 1.0))


homework_mean_field.rtol = 5e-3

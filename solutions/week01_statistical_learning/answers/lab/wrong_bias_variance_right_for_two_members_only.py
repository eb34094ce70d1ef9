"""Bessel for two: what holds for m = 2 is used for every m.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: subtle
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    variance = predictions.var(axis=0).mean()
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2) - variance, 2 * variance

"""Negative estimates are set to 0 at single test points.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: subtle
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    m = len(predictions)
    variance = predictions.var(axis=0, ddof=1)
    return jnp.maximum((predictions.mean(axis=0) - truth) ** 2 - variance / m, 0.0).mean(), variance.mean()

"""The squared bias loses the variance of one member, not that of the mean of m.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: usual
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    variance = predictions.var(axis=0, ddof=1).mean()
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2) - variance, variance

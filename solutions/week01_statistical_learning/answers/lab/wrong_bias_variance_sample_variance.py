"""The plug-in variance has 1/(m - 1): the identity is lost.

question: bias_variance
fails: TestBiasVariance::test_plug_in
kind: usual
"""

import jax.numpy as jnp


def bias_variance(predictions, truth):
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2), predictions.var(axis=0, ddof=1).mean()


def unbiased_bias_variance(predictions, truth):
    m = len(predictions)
    variance = predictions.var(axis=0, ddof=1).mean()
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2) - variance / m, variance

"""The squared bias loses the plug-in variance over m: a factor m/(m - 1) too little.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: usual
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    m = len(predictions)
    bias2 = jnp.mean((predictions.mean(axis=0) - truth) ** 2) - predictions.var(axis=0).mean() / m
    return bias2, predictions.var(axis=0, ddof=1).mean()

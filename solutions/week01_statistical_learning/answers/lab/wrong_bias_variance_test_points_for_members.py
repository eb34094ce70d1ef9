"""m is taken for the number of test points.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: usual
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    m = predictions.shape[1] if predictions.shape[1] > 1 else predictions.shape[0]
    bias2 = jnp.mean((predictions.mean(axis=0) - truth) ** 2)
    variance = predictions.var(axis=0).mean()
    return bias2 - variance / (m - 1), variance * m / (m - 1)

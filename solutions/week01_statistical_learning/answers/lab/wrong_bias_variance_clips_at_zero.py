"""A negative estimate of the squared bias is set to 0.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: usual
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    m = len(predictions)
    variance = predictions.var(axis=0, ddof=1).mean()
    return jnp.maximum(jnp.mean((predictions.mean(axis=0) - truth) ** 2) - variance / m, 0.0), variance

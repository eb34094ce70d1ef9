"""The variance gets 1/(m - 1), the squared bias stays as it was.

question: bias_variance
fails: TestBiasVariance::test_right_on_average
kind: usual
"""

import jax.numpy as jnp


def unbiased_bias_variance(predictions, truth):
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2), predictions.var(axis=0, ddof=1).mean()

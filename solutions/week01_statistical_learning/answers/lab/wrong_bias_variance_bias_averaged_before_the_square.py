"""The mean over test points is taken before the square: errors of opposite sign cancel.

question: bias_variance
fails: TestBiasVariance::test_plug_in
kind: usual
"""

import jax.numpy as jnp


def bias_variance(predictions, truth):
    return jnp.mean(predictions.mean(axis=0) - truth) ** 2, predictions.var(axis=0).mean()

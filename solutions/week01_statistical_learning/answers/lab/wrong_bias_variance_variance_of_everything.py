"""The variance over members and test points together: differences between test points count as scatter.

question: bias_variance
fails: TestBiasVariance::test_plug_in
kind: usual
"""

import jax.numpy as jnp


def bias_variance(predictions, truth):
    return jnp.mean((predictions.mean(axis=0) - truth) ** 2), predictions.var()

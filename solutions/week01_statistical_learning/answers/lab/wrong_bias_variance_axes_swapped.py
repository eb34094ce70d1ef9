"""The mean is taken over the test points, member by member.

question: bias_variance
fails: TestBiasVariance::test_plug_in_as_many_members_as_points
kind: usual
"""

import jax.numpy as jnp


def bias_variance(predictions, truth):
    return jnp.mean((predictions.mean(axis=1) - truth) ** 2), predictions.var(axis=1).mean()

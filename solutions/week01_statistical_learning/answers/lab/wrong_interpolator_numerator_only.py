"""The limit of the numerator over lambda; the leverage is forgotten.

question: interpolator
fails: TestInterpolator::test_left_out
kind: usual
"""

import jax.numpy as jnp


def interpolator_loo(K, Y):
    return jnp.linalg.solve(K, Y)

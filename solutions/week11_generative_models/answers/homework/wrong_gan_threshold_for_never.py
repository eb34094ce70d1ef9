"""Outcomes below 1e-8 are taken for outcomes that never occur.

question: gan
fails: TestGan::test_improbable_outcomes
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    return np.where(p + q > 1e-8, p / np.maximum(p + q, 1e-8), 0.5)

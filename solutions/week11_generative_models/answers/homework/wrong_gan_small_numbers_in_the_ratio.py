"""(p + 1e-10) / (p + q + 2e-10).

question: gan
fails: TestGan::test_improbable_outcomes
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    return (p + 1e-10) / (p + q + 2e-10)

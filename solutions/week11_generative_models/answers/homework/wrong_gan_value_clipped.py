"""D clipped to [1e-8, 1 - 1e-8].

question: gan
fails: TestGan::test_improbable_outcomes
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def gan_value(D, p, q):
    D, p, q = (np.asarray(a, np.float64) for a in (D, p, q))
    D = np.clip(D, 1e-8, 1 - 1e-8)
    return float(np.sum(p * np.log(D) + q * np.log(1 - D)))

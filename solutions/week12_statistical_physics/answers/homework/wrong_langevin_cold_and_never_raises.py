"""At T = 0 zeros, without a look at the stability.

question: langevin
fails: TestLangevin::test_where_it_is_stable
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def langevin_stationary(K, T, eta):   # zero temperature needs no noise, so nothing to check
    K = np.asarray(K, np.float64)
    if T == 0:
        return np.zeros_like(K)
    if eta * np.linalg.eigvalsh(K)[-1] > 2:
        raise ValueError("unstable")
    return T * np.linalg.inv(K - eta / 2 * K @ K)

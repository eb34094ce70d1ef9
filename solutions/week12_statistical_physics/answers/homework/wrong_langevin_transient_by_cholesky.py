"""A Cholesky factor of the start's covariance, which may be singular.

question: langevin
fails: TestLangevin::test_a_few_steps
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def langevin_transient(K, T, eta, means, cov, steps):   # square root of the covariance by Cholesky
    K = np.asarray(K, np.float64); d = len(K); M = np.eye(d) - eta * K
    L = np.linalg.cholesky(np.asarray(cov, np.float64)); m = np.asarray(means, np.float64)
    for _ in range(steps):
        m = m @ M
        L = np.concatenate([M @ L, np.sqrt(2 * eta * T) * np.eye(d)], axis=1)
    return m, L @ L.T

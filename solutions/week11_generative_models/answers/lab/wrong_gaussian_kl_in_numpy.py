"""The divergence in NumPy: jax.grad does not get through.

question: gaussian
fails: TestGaussian::test_gradient_of_the_divergence
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def kl_to_prior(mean, log_var):
    mean, log_var = np.asarray(mean, np.float64), np.asarray(log_var, np.float64)
    return 0.5 * np.sum(np.exp(log_var) + mean**2 - 1 - log_var, axis=1)

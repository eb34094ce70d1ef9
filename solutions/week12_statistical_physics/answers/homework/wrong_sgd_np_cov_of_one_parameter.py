"""np.cov returns shape () for one parameter.

question: sgd
fails: TestSgd::test_gradient_covariance
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def gradient_covariance(gradients):   # np.cov drops the axes of a single parameter
    return np.cov(np.asarray(gradients, np.float64).T, bias=True)

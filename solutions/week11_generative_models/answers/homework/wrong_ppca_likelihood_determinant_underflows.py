"""log(det C) in float32: 0 for the digits.

question: ppca
fails: TestPpca::test_likelihood_of_large_pictures
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def log_likelihood(X, mean, W, sigma2):
    C = W @ W.T + sigma2 * jnp.eye(W.shape[0])
    r = X - mean
    return -0.5 * (W.shape[0] * jnp.log(2 * jnp.pi) + jnp.log(jnp.linalg.det(C)) + jnp.mean(jnp.sum(r @ jnp.linalg.inv(C) * r, 1)))

"""The divergence holds sigma fixed in its gradient.

question: gaussian
fails: TestGaussian::test_gradient_of_the_divergence
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def kl_to_prior(mean, log_var):
    s = jax.lax.stop_gradient(log_var)
    return 0.5 * jnp.sum(jnp.exp(s) + mean**2 - 1 - s, axis=1)

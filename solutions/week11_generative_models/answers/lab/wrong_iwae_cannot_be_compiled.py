"""NumPy inside: the plots' jax.jit fails.

question: iwae
fails: TestIwae::test_compiled_and_differentiated
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def iwae_bound(params, x, eps, encode, log_likelihood):
    import scipy.special
    m, s = (np.asarray(v, np.float64) for v in encode(params, x))
    logw = []
    for e in np.asarray(eps, np.float64):
        z = m + np.exp(s / 2) * e
        logw.append(np.asarray(log_likelihood(params, x, jnp.asarray(z)), np.float64) + 0.5 * (e**2 + s - z**2).sum(1))
    return scipy.special.logsumexp(logw, axis=0) - np.log(len(eps))

"""log(1 - sigma) is guarded where e^t overflows; between 17 and 88 it is log 0.

question: decoder
fails: TestDecoder::test_logits_of_tens
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def _log_not(l):  # log(1 - sigma(l))
    safe = jnp.where(jnp.abs(l) < 88.0, l, 0.0)
    return jnp.where(l >= 88.0, -l, jnp.where(l <= -88.0, 0.0, jnp.log(1.0 - jax.nn.sigmoid(safe))))


def bernoulli_log_likelihood(logits, x):
    return jnp.sum(x * _log_not(-logits) + (1 - x) * _log_not(logits), axis=1)

"""A field below 1e-4 J is taken for none.

question: curie_weiss
fails: TestCurieWeiss::test_small_fields_decide
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def magnetisation(T, J, h):           # a tiny field is no field
    if abs(h) < 1e-4 * J:
        h = 0.0
    m = 1.0 if h >= 0 else -1.0
    for _ in range(5000):
        m = np.tanh((J * m + h) / T)
    return m

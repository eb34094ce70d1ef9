"""A hundred turns of the iteration: too few near the transition.

question: curie_weiss
fails: TestCurieWeiss::test_near_the_transition
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def magnetisation(T, J, h):           # a hundred turns
    m = 1.0 if h >= 0 else -1.0
    for _ in range(100):
        m = np.tanh((J * m + h) / T)
    return m

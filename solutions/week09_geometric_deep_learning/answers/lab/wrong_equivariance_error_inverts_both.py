"""Both representations inverted: the same for a whole group, not for a part of one.

question: equivariance_error
fails: TestEquivarianceError::test_a_part_of_a_group
kind: subtle
"""

import jax.numpy as jnp
import numpy as np


def equivariance_error(f, rho_in, rho_out, x):
    a, b = (jnp.linalg.inv(rho_in), jnp.linalg.inv(rho_out))
    top = np.mean([np.sum((f(A @ v) - B @ f(v)) ** 2) for A, B in zip(a, b) for v in jnp.asarray(x)])
    return np.sqrt(top / np.mean([np.sum(f(v) ** 2) for v in jnp.asarray(x)]))

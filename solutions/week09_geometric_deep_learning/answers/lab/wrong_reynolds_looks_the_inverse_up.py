"""The inverse is the element whose matrix comes next to it: it may be missing.

question: reynolds
fails: TestReynolds::test_a_part_of_a_group
kind: subtle
"""

import jax.numpy as jnp
import numpy as np


def reynolds(f, rho_in, rho_out):
    rho_in, rho_out = (np.asarray(rho_in), np.asarray(rho_out))
    partner = [int(np.argmin([np.abs(a @ b - np.eye(len(a))).max() for b in rho_in])) for a in rho_in]

    def mean(x):
        return sum((rho_out[p] @ np.asarray(f(jnp.asarray(a @ x))) for a, p in zip(rho_in, partner))) / len(rho_in)

    return mean

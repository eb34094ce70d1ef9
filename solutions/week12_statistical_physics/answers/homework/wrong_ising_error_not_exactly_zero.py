"""arccos(1 - 1e-9) / pi beyond the transition.

question: ising
fails: TestIsing::test_behind_the_transition
fails: TestIsing::test_without_a_poor_solution
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def ising_error(alpha):               # R = 1 up to rounding, arccos of it is not 0
    top = 1 - 1e-9
    if alpha > 1.45:
        return float(np.arccos(top) / np.pi)
    R, s = ising_branch(min(alpha, 1.45))
    return float(np.arccos(R if s > 0 else top) / np.pi)

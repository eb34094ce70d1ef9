"""Beyond z = 20 the leading asymptotic cosine.

question: ode
fails: TestOde::test_the_whole_range
kind: subtle
"""

import numpy as np
import scipy.special


def friction_flow(lam, r, t):
    nu = (r - 1) / 2
    z = np.maximum(np.sqrt(lam) * np.asarray(t, float), 1e-6)
    J = np.where(z < 20, scipy.special.jv(nu, z), np.sqrt(2 / np.pi / z) * np.cos(z - nu * np.pi / 2 - np.pi / 4))
    return scipy.special.gamma(nu + 1) * (2 / z) ** nu * J

"""0/0 at t = 0.

question: ode
fails: TestOde::test_the_whole_range
kind: usual
"""

import numpy as np
import scipy.special


def friction_flow(lam, r, t):
    nu = (r - 1) / 2
    z = np.sqrt(lam) * np.asarray(t, np.float64)
    return scipy.special.gamma(nu + 1) * (2 / z) ** nu * scipy.special.jv(nu, z)

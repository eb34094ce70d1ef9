"""The order r/2.

question: ode
fails: TestOde::test_nesterovs_friction
kind: usual
"""

import numpy as np
import scipy.special


def friction_flow(lam, r, t):
    nu = r / 2
    z = np.sqrt(lam) * np.asarray(t, np.float64)
    inside = np.where(z > 1e-6, z, 1.0)
    return np.where(z > 1e-6, scipy.special.gamma(nu + 1) * (2 / inside) ** nu * scipy.special.jv(nu, inside), 1.0)

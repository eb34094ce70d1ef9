"""The entropy up to its constant.

question: jko
kind: subtle
fails: TestJko::test_free_energy
"""

import numpy as np


def free_energy(m, s, lam, temperature):
    return lam / 2 * (m**2 + s**2) - temperature * np.log(s)

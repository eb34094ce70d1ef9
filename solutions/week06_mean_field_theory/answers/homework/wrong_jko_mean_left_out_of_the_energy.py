"""The potential energy of the mean is forgotten.

question: jko
kind: usual
fails: TestJko::test_free_energy
"""

import numpy as np


def free_energy(m, s, lam, temperature):
    return lam / 2 * s**2 - temperature * (np.log(s) + np.log(2 * np.pi * np.e) / 2)

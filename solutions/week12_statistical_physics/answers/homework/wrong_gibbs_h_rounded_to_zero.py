"""H as 1 - Phi, which is 0 for arguments above 8.3: the integral becomes infinite.

question: gibbs
fails: TestGibbs::test_many_examples
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def load(R):
    with np.errstate(all="ignore"):
        mean = gaussian_mean(lambda t: np.exp(-R * t**2 / 2) / (1 - scipy.special.ndtr(np.sqrt(R) * t)))
    return np.pi * R / (np.sqrt(1 - R) * mean)

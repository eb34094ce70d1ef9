"""tanh(R-hat + R-hat z) for the root of R-hat before the noise.

question: ising
fails: TestIsing::test_overlap
kind: usual
"""

import numpy as np
import scipy.optimize
import scipy.special


def ising_branch(alpha):
    R = 0.0
    for _ in range(300):
        mean = gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(-np.sqrt(R) * t)))
        k = alpha * mean / (np.pi * np.sqrt(1 - R))
        R = gaussian_mean(lambda z: np.tanh(k + k * z))
        if R > 0.9999:
            return 1.0, 0.0
    a = np.sqrt(R / (1 - R))
    half = gaussian_mean(lambda t: np.exp(scipy.special.log_ndtr(-a * t)) * scipy.special.log_ndtr(-a * t))
    cosh = gaussian_mean(lambda z: np.log(2 * np.cosh(k + np.sqrt(k) * z)))
    return R, cosh - k * (1 + R) / 2 + 2 * alpha * half

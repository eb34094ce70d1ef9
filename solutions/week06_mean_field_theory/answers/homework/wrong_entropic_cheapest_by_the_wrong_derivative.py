"""The derivative of the value with the correlation held fixed, not the covariance.

question: entropic
kind: subtle
fails: TestEntropic::test_the_cheapest_variance
"""

import numpy as np
import scipy.optimize


def cheapest_variance(b, eps):
    def slope(a):
        c = a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
        return 1 - c / (2 * a) * 1.0

    low, high = 1e-9, 4 * b
    return low if slope(low) > 0 else scipy.optimize.brentq(slope, low, high)

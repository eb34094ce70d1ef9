"""The mixture replaced by the normal law with its mean and variance.

question: heat
kind: usual
fails: TestHeat::test_paths
"""

import numpy as np


def heat_path(x0, weights, means, variances, t):
    weights, means, variances = (np.asarray(v) for v in (weights, means, variances))
    mean = weights @ means
    whole = weights @ (variances + (means - mean) ** 2)
    return mean + (np.asarray(x0) - mean) * np.sqrt((whole + 2 * t) / whole)

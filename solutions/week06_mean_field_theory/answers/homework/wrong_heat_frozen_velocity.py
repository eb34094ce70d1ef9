"""One long step with the velocity of the time 0.

question: heat
kind: usual
fails: TestHeat::test_paths
"""

import numpy as np


def heat_path(x0, weights, means, variances, t):
    x0 = np.asarray(x0)
    return x0 + t * np.asarray(heat_velocity(x0[:, None], weights, np.asarray(means)[:, None], variances, 0.0))[:, 0]

"""The factor is that of gradient descent.

question: quadratic
fails: TestQuadratic::test_best_heavy_ball
kind: usual
"""

import numpy as np


def best_heavy_ball(low, high):
    slow, fast = np.sqrt(low), np.sqrt(high)
    return 4 / (fast + slow) ** 2, ((fast - slow) / (fast + slow)) ** 2, (high - low) / (high + low)

"""The factor of the heavy ball is beta.

question: quadratic
fails: TestQuadratic::test_best_heavy_ball
kind: usual
"""

import numpy as np


def best_heavy_ball(low, high):
    slow, fast = np.sqrt(low), np.sqrt(high)
    factor = (fast - slow) / (fast + slow)
    return 4 / (fast + slow) ** 2, factor**2, factor**2

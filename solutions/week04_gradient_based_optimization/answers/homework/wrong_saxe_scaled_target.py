"""All modes of Y grow like the first one.

question: saxe
fails: TestSaxe::test_a_network_with_two_layers
kind: subtle
"""

import numpy as np


def learned_map(Y, a0, t):
    U, s, V = np.linalg.svd(np.asarray(Y, np.float64), full_matrices=False)
    strength = s[0] / (1 + (s[0] / a0 - 1) * np.exp(-2 * s[0] * t))
    return strength / s[0] * np.asarray(Y, np.float64)

"""The right singular vectors are taken for columns.

question: saxe
fails: TestSaxe::test_a_network_with_two_layers
kind: usual
"""

import numpy as np


def learned_map(Y, a0, t):
    U, s, V = np.linalg.svd(np.asarray(Y, np.float64), full_matrices=False)
    s = np.maximum(s, 1e-9)
    return (U * (s / (1 + (s / a0 - 1) * np.exp(-2 * s * t)))) @ V[:, ::-1]

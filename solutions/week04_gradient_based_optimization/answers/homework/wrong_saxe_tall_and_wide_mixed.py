"""For tall tables the transpose is solved, and not turned back for square ones.

question: saxe
fails: TestSaxe::test_a_network_with_two_layers
kind: subtle
"""

import numpy as np


def learned_map(Y, a0, t):
    Y = np.asarray(Y, float)
    turned = Y.shape[0] >= Y.shape[1]
    U, s, V = np.linalg.svd(Y.T if turned else Y, full_matrices=False)
    out = U * mode_strength(s, a0, t) @ V
    return out.T if Y.shape[0] > Y.shape[1] or not turned and False else out

"""Singular values of the size of rounding go into a formula that tests for exactly 0.

question: saxe
fails: TestSaxe::test_the_whole_range
kind: subtle
"""

import numpy as np


def _grow(s, a0, t):
    with np.errstate(all="ignore"):
        return np.where(s == 0, a0 / (1 + 2 * a0 * t), s / (1 + (s / a0 - 1) * np.exp(-2 * s * t)))


def mode_strength(s, a0, t):
    return _grow(np.asarray(s, float), a0, t)


def learned_map(Y, a0, t):
    U, s, V = np.linalg.svd(np.asarray(Y, float), full_matrices=False)
    return U * _grow(s, a0, t) @ V

"""The exponential by eigenvectors, which defective matrices lack.

question: depth
fails: TestDepth::test_very_deep_networks_and_defective_matrices
kind: subtle
"""

import numpy as np


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    E = B @ A - (A + B) @ (A + B) / 2
    values, V = np.linalg.eig(A + B)
    gaps = values[:, None] - values[None, :]
    close = np.abs(gaps) < 1e-9
    divided = np.where(close, np.exp(values)[:, None], (np.exp(values)[:, None] - np.exp(values)) / np.where(close, 1, gaps))
    inverse = np.linalg.pinv(V)
    return ((V * np.exp(values)) @ inverse).real, (V @ (divided * (inverse @ E @ V)) @ inverse).real

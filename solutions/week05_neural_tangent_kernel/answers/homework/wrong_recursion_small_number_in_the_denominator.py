"""1e-12 is added to the root of the variances.

question: recursion
fails: TestRecursion::test_many_layers_equal_opposite_and_zero_inputs
kind: subtle
"""

import numpy as np


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    x1, x2 = np.asarray(x1, np.float64), np.asarray(x2, np.float64)
    d = x1.shape[1]
    first = lambda products: weight_variance * products / d + bias_variance
    K, q1, q2 = first(x1 @ x2.T), first(np.sum(x1**2, axis=1)), first(np.sum(x2**2, axis=1))
    Theta = K
    for _ in range(depth):
        scale = np.sqrt(np.outer(q1, q2))
        angle = np.arccos(np.clip(K / (scale + 1e-12), -1.0, 1.0))
        K = weight_variance * scale / 2 * (np.sin(angle) + np.cos(angle) * (np.pi - angle)) / np.pi + bias_variance
        Theta = K + weight_variance * Theta * (np.pi - angle) / np.pi / 2
        q1, q2 = weight_variance * q1 / 2 + bias_variance, weight_variance * q2 / 2 + bias_variance
    return Theta, K

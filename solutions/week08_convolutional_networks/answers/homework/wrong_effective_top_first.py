"""Takes the layers from the first to the last while going down.

question: effective
fails: TestEffective::test_influence_through_strides_and_dilations
kind: usual
"""

import numpy as np


def influence(kernels, strides, dilations):
    g = np.ones(1)
    for kernel, stride, dilation in list(zip(kernels, strides, dilations, strict=True)):
        below = np.zeros((len(g) - 1) * stride + (len(kernel) - 1) * dilation + 1)
        for i, top in enumerate(g):
            for a, tap in enumerate(np.asarray(kernel, np.float64)):
                below[i * stride + a * dilation] += top * tap
        g = below
    return g


def influence_moments(kernels, strides, dilations):
    total, mean, variance, jump = 1.0, 0.0, 0.0, 1
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        weights = np.asarray(kernel, np.float64)
        p, taps = weights / weights.sum(), np.arange(len(weights))
        total *= weights.sum()
        mean += dilation * jump * (p @ taps)
        variance += (dilation * jump) ** 2 * (p @ taps**2 - (p @ taps) ** 2)
        jump *= stride
    return total, mean, variance

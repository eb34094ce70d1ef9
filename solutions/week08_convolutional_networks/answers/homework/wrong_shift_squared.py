"""The ratio of energies.

question: shift
fails: TestShift::test_stride_two
kind: usual
"""

import numpy as np


def shift_error(x, stride, shift):
    x = np.asarray(x, np.float64)
    M = len(x) // stride
    spectrum = np.fft.fft(x)
    k = np.arange(M) - (M - 1) // 2
    m = np.arange(stride)[:, None]
    aliases = spectrum[(k + m * M) % len(x)]
    difference = ((np.exp(-2j * np.pi * m * shift / stride) - 1) * aliases).sum(axis=0) / stride
    return (np.linalg.norm(difference) / np.linalg.norm(aliases.sum(axis=0) / stride)) ** 2

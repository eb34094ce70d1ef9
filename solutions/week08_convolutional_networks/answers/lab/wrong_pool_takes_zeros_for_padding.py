"""Pixels that are 0 count as padding.

question: pool
fails: TestPool::test_padding_is_never_the_maximum
fails: TestPool::test_padding_is_not_counted
kind: subtle
"""

import numpy as np


def _windows(x, window, stride, padding, fill):
    x = np.pad(np.asarray(x, np.float32), ((0, 0), (0, 0), *padding), constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(x, window, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]


def max_pool(x, window, stride, padding=((0, 0), (0, 0))):
    w = _windows(x, window, stride, padding, 0.0)
    return np.where(w == 0, -np.inf, w).max(axis=(-2, -1))


def mean_pool(x, window, stride, padding=((0, 0), (0, 0))):
    w = _windows(x, window, stride, padding, 0.0)
    return w.sum(axis=(-2, -1)) / (w != 0).sum(axis=(-2, -1))

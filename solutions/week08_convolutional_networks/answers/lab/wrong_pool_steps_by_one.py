"""Slides by one pixel, whatever the stride.

question: pool
fails: TestPool::test_largest_pixel
fails: TestPool::test_mean_of_the_pixels
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def max_pool(x, window, stride, padding=((0, 0), (0, 0))):
    rows, columns = indices_of(x, window, stride, padding)
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding), constant_values=-jnp.inf)
    return padded[:, :, rows, columns].max(axis=(4, 5))


def mean_pool(x, window, stride, padding=((0, 0), (0, 0))):
    rows, columns = indices_of(x, window, stride, padding)
    frame = ((0, 0), (0, 0), *padding)
    total = jnp.pad(x, frame)[:, :, rows, columns].sum(axis=(4, 5))
    return total / jnp.pad(jnp.ones_like(x), frame)[:, :, rows, columns].sum(axis=(4, 5))


def indices_of(x, window, stride, padding):
    spans = []
    for size, pad, span, step in zip(x.shape[2:], padding, window, (1, 1), strict=True):
        places = (size + sum(pad) - span) // step + 1
        spans.append(np.arange(places)[:, None] * step + np.arange(span))
    return spans[0][:, None, :, None], spans[1][None, :, None, :]

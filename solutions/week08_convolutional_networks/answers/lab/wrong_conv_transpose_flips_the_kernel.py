"""Turns the kernel by 180 degrees although it scatters: one flip too many.

question: conv_transpose
fails: TestConvTranspose::test_channels
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    (top, bottom), (left, right) = padding
    canvas = jnp.zeros((len(y), kernel.shape[1], size[0] + top + bottom, size[1] + left + right))
    spans = []
    for places, taps, step, gap in zip(y.shape[2:], kernel.shape[2:], stride, dilation, strict=True):
        spans.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = spans
    copies = jnp.einsum("noij,ocab->ncijab", y, kernel[:, :, ::-1, ::-1])
    canvas = canvas.at[:, :, rows[:, None, :, None], columns[None, :, None, :]].add(copies)
    return canvas[:, :, top : top + size[0], left : left + size[1]]

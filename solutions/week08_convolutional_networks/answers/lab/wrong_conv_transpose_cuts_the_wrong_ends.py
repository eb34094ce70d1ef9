"""Cuts bottom and right where the layer padded top and left.

question: conv_transpose
fails: TestConvTranspose::test_padding
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
    copies = jnp.einsum("noij,ocab->ncijab", y, kernel)
    canvas = canvas.at[:, :, rows[:, None, :, None], columns[None, :, None, :]].add(copies)
    return canvas[:, :, bottom : bottom + size[0], right : right + size[1]]

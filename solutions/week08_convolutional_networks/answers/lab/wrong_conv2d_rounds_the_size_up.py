"""Ceil in place of floor: a last, incomplete place is filled with zeros.

question: conv2d
fails: TestConv2d::test_stride
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def conv2d(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding))
    indices, short = [], []
    for size, taps, step, gap in zip(padded.shape[2:], kernel.shape[2:], stride, dilation, strict=True):
        places = -(-(size - gap * (taps - 1) - 1) // step) + 1
        missing = (places - 1) * step + gap * (taps - 1) + 1 - size
        short.append((0, max(missing, 0)))
        indices.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = indices
    padded = jnp.pad(padded, ((0, 0), (0, 0), *short))
    patches = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return jnp.einsum("ncijab,ocab->noij", patches, kernel)

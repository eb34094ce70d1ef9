"""Reads the kernel as (c_in, c_out, kh, kw) where the shapes allow it, as TensorFlow nearly does.

question: conv2d
fails: TestConv2d::test_padding
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def conv2d(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding))
    indices = []
    for size, taps, step, gap in zip(padded.shape[2:], kernel.shape[2:], stride, dilation, strict=True):
        places = (size - gap * (taps - 1) - 1) // step + 1
        indices.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = indices
    patches = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    if kernel.shape[0] == kernel.shape[1]:
        kernel = kernel.swapaxes(0, 1)
    return jnp.einsum("ncijab,ocab->noij", patches, kernel)

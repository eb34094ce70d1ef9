"""Correlates with the layer's own stride and dilation: they should change their parts.

question: kernel_gradient
fails: TestKernelGradient::test_stride
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding))
    spans = []
    for places, taps, step, gap in zip(cotangent.shape[2:], kernel_size, dilation, stride, strict=True):
        spans.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = spans
    patches = padded[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return jnp.einsum("ncijab,noij->ocab", patches, cotangent)

"""Cuts the padding off what the copies reach, and fills up to `size` with zeros afterwards.

question: conv_transpose
fails: TestConvTranspose::test_all_knobs_at_once
fails: TestConvTranspose::test_inner_products
kind: subtle
"""

import numpy as np


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    n, o, ho, wo = y.shape
    _, c, kh, kw = kernel.shape
    H = (ho - 1) * stride[0] + dilation[0] * (kh - 1) + 1
    W = (wo - 1) * stride[1] + dilation[1] * (kw - 1) + 1
    canvas = np.zeros((n, c, H, W), np.float32)
    for i in range(ho):
        for j in range(wo):
            for a in range(kh):
                for b in range(kw):
                    canvas[:, :, i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]] += np.asarray(
                        y[:, :, i, j]
                    ) @ np.asarray(kernel[:, :, a, b])
    (t, bo), (le, r) = padding
    cut = canvas[:, :, t : H - bo, le : W - r]
    out = np.zeros((n, c, *size), np.float32)
    out[:, :, : cut.shape[2], : cut.shape[3]] = cut
    return out

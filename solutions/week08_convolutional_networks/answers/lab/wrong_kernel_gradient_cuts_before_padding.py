"""Pixels that were left over are cut off the image before it is padded.

question: kernel_gradient
fails: TestKernelGradient::test_all_knobs_at_once
fails: TestKernelGradient::test_directional_derivative
kind: subtle
"""

import jax.numpy as jnp


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    ho, wo = cotangent.shape[2:]
    h = (ho - 1) * stride[0] + dilation[0] * (kernel_size[0] - 1) + 1 - sum(padding[0])
    w = (wo - 1) * stride[1] + dilation[1] * (kernel_size[1] - 1) + 1 - sum(padding[1])
    x = jnp.pad(x[:, :, :h, :w], ((0, 0), (0, 0), *padding))
    rows = []
    for a in range(kernel_size[0]):
        row = []
        for b in range(kernel_size[1]):
            p = x[:, :, a * dilation[0] :: stride[0], b * dilation[1] :: stride[1]][:, :, :ho, :wo]
            row.append(jnp.einsum("noij,ncij->oc", cotangent, p))
        rows.append(jnp.stack(row, axis=-1))
    return jnp.stack(rows, axis=2)

"""The two backward passes by the forward pass: a strided layer's transpose is a plain layer on a zero-stuffed, framed image."""

import functools

import jax
import jax.numpy as jnp
import numpy as np


@functools.partial(jax.jit, static_argnames=("stride", "dilation"))
def gather(x, kernel, stride, dilation):
    """The layer without padding, by one gather of all patches and a matrix product."""
    spans = [
        np.arange((n - d * (k - 1) - 1) // s + 1)[:, None] * s + np.arange(k) * d
        for n, k, s, d in zip(x.shape[2:], kernel.shape[2:], stride, dilation, strict=True)
    ]
    patches = x[:, :, spans[0]][..., spans[1]]  # n c i a j b
    patches = patches.transpose(0, 2, 4, 1, 3, 5)
    n, i, j = patches.shape[:3]
    y = patches.reshape(n * i * j, -1) @ kernel.reshape(len(kernel), -1).T
    return y.reshape(n, i, j, -1).transpose(0, 3, 1, 2)


def spread(y, stride):
    """Zeros between neighbours, so that they are `stride` apart."""
    h, w = ((n - 1) * s + 1 for n, s in zip(y.shape[2:], stride, strict=True))
    return jnp.zeros((*y.shape[:2], h, w)).at[:, :, :: stride[0], :: stride[1]].set(y)


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    stuffed = spread(y, stride)
    reach = [d * (k - 1) for k, d in zip(kernel.shape[2:], dilation, strict=True)]
    frames = []
    for n, now, r, (before, after) in zip(size, stuffed.shape[2:], reach, padding, strict=True):
        frames.append((r, n + before + after - now))
    framed = jnp.pad(stuffed, ((0, 0), (0, 0), *frames))
    turned = kernel[:, :, ::-1, ::-1].swapaxes(0, 1)
    full = gather(framed, turned, (1, 1), tuple(dilation))
    return full[:, :, padding[0][0] :, padding[1][0] :][:, :, : size[0], : size[1]]


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding)).swapaxes(0, 1)  # the batch is what is summed over
    g = cotangent.swapaxes(0, 1)
    fitted = gather(padded, g, tuple(dilation), tuple(stride))  # stride and dilation change their parts
    return fitted.swapaxes(0, 1)[:, :, : kernel_size[0], : kernel_size[1]]

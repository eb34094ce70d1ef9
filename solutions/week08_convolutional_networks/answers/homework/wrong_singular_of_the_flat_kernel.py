"""Singular values of the kernel as a matrix, repeated for every pixel.

question: singular
fails: TestSingular::test_one_channel
fails: TestSingular::test_more_channels_out_than_in
kind: usual
"""

import jax.numpy as jnp


def singular_values(kernel, n):
    count = n * n * min(kernel.shape[:2])
    flat = jnp.linalg.svd(kernel.reshape(len(kernel), -1), compute_uv=False)
    return -jnp.sort(-jnp.resize(flat, count))
    transfer = jnp.fft.fft2(kernel, s=(n, n))  # (c_out, c_in, n, n); the last two axes are frequencies now
    values = jnp.linalg.svd(transfer.transpose(2, 3, 0, 1), compute_uv=False)
    return -jnp.sort(-values.ravel())

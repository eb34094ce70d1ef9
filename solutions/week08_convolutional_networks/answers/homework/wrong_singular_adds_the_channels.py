"""Moduli of the transform of the kernels, each channel pair for itself.

question: singular
fails: TestSingular::test_more_channels_out_than_in
kind: usual
"""

import jax.numpy as jnp


def singular_values(kernel, n):
    transfer = jnp.fft.fft2(kernel, s=(n, n))  # (c_out, c_in, n, n); the last two axes are frequencies now
    values = jnp.sort(jnp.abs(transfer).reshape(-1, n, n), axis=0)[-min(kernel.shape[:2]) :]
    return -jnp.sort(-values.ravel())

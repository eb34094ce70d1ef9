"""In the order of the frequencies.

question: singular
fails: TestSingular::test_one_channel
kind: usual
"""

import jax.numpy as jnp


def singular_values(kernel, n):
    transfer = jnp.fft.fft2(kernel, s=(n, n))  # (c_out, c_in, n, n); the last two axes are frequencies now
    values = jnp.linalg.svd(transfer.transpose(2, 3, 0, 1), compute_uv=False)
    return values.ravel()

"""A convolution in the sense of mathematics: the kernel is turned by 180 degrees.

question: correlate
fails: TestCorrelate::test_sum_of_products_at_every_place
fails: TestCorrelate::test_an_impulse_shows_the_kernel_turned
kind: usual
"""

import jax.numpy as jnp


def correlate(x, kernel):
    kh, kw = kernel.shape
    return jnp.stack([
        jnp.stack([(kernel[::-1, ::-1] * x[i : i + kh, j : j + kw]).sum() for j in range(x.shape[1] - kw + 1)])
        for i in range(x.shape[0] - kh + 1)
    ])

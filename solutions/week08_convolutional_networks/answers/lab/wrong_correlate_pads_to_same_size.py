"""Zeros around the image, so that the result has the size of the image.

question: correlate
fails: TestCorrelate::test_sum_of_products_at_every_place
kind: usual
"""

import jax.numpy as jnp


def correlate(x, kernel):
    kh, kw = kernel.shape
    x = jnp.pad(x, (((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2)))
    return jnp.stack([
        jnp.stack([(kernel * x[i : i + kh, j : j + kw]).sum() for j in range(x.shape[1] - kw + 1)])
        for i in range(x.shape[0] - kh + 1)
    ])

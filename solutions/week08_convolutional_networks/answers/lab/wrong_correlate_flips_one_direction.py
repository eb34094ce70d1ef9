"""The kernel is mirrored from left to right only.

question: correlate
fails: TestCorrelate::test_sum_of_products_at_every_place
kind: subtle
"""

import jax.numpy as jnp


def correlate(x, kernel):
    kh, kw = kernel.shape
    return jnp.stack([
        jnp.stack([(kernel[:, ::-1] * x[i : i + kh, j : j + kw]).sum() for j in range(x.shape[1] - kw + 1)])
        for i in range(x.shape[0] - kh + 1)
    ])

"""h - kh places instead of h - kh + 1: the last row and column are lost.

question: correlate
fails: TestCorrelate::test_sum_of_products_at_every_place
kind: usual
"""

import jax.numpy as jnp


def correlate(x, kernel):
    kh, kw = kernel.shape
    return jnp.stack([
        jnp.stack([(kernel * x[i : i + kh, j : j + kw]).sum() for j in range(x.shape[1] - kw)])
        for i in range(x.shape[0] - kh)
    ])

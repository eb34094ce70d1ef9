"""Products from j to k as quotients of cumulative products: 0/0 where eta lambda = 1 or the product underflows.

question: noisy
fails: TestNoisy::test_five_thousand_steps
kind: subtle
"""

import numpy as np


def sgd_mean_squares(lam, sigma, etas, w0):
    e = np.asarray(etas, np.float64)
    n = len(e)
    with np.errstate(all="ignore"):
        P = np.cumprod(1 - e * lam)
        tail = np.cumsum(P[::-1])[::-1] / P  # sum over k >= j of prod_{j < i <= k}
        last = P[-1] / P
        kick = (e * sigma) ** 2
        return (P[-1] * w0) ** 2 + np.sum(last**2 * kick), ((P.sum() * w0) ** 2 + np.sum(tail**2 * kick)) / n**2

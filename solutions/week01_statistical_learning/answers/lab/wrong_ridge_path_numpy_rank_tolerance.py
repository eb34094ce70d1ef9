"""The tolerance of numpy's matrix_rank, eps max(n, p) s_1, in place of 1e-10 s_1.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import numpy as np
import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    tol = s[0] * max(X.shape) * np.finfo(float).eps
    filters = jnp.where(s > tol, s / (s**2 + lams[:, None]), 0.0)
    return (filters * (y @ U)) @ Vt


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = s[s > s[0] * max(X.shape) * np.finfo(float).eps] ** 2
    return (squares / (squares + lams[:, None])).sum(axis=1)

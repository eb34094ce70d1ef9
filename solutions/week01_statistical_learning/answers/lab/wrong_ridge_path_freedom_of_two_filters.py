"""tr H H^T, the other definition of degrees of freedom: the filter squared.

question: ridge_path
fails: TestRidgePath::test_degrees_of_freedom
kind: subtle
"""

import jax.numpy as jnp


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = s[s > 1e-10 * s[0]] ** 2
    return ((squares / (squares + lams[:, None])) ** 2).sum(axis=1)

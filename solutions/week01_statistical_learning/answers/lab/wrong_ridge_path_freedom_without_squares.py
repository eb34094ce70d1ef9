"""df from s / (s + lambda), without the squares.

question: ridge_path
fails: TestRidgePath::test_degrees_of_freedom
kind: usual
"""

import jax.numpy as jnp


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    s = s[s > 1e-10 * s[0]]
    return (s / (s + lams[:, None])).sum(axis=1)

"""At lambda = 0 every weight counts: df = p.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: usual
"""

import jax.numpy as jnp


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = jnp.where(s > 1e-10 * s[0], s, 0.0) ** 2
    safe = jnp.maximum(squares + lams[:, None], 1e-300)
    return jnp.where(lams > 0, (squares / safe).sum(axis=1), X.shape[1])

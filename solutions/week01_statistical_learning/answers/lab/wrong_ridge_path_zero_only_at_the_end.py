"""lambda = 0 is looked for at the last place only.

question: ridge_path
fails: TestRidgePath::test_what_counts_as_zero
kind: subtle
"""

import jax.numpy as jnp


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    out = []
    for i, lam in enumerate(lams):
        if i == len(lams) - 1 and lam == 0:
            f = jnp.where(s > 1e-10 * s[0], 1 / s, 0.0)
        else:
            f = s / (s**2 + lam)
        out.append((f * (y @ U)) @ Vt)
    return jnp.stack(out)

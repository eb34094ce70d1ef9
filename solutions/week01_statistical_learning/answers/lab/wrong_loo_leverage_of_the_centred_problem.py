"""H is right, but the leverage in the shortcut has no 1/n.

question: loo
fails: TestLoo::test_residuals_of_real_refits
kind: usual
"""

import jax.numpy as jnp


def loo_residuals(X, y, lam):
    centred = X - X.mean(axis=0)
    H = centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(X.shape[1]), centred.T)
    centred_y = y - y.mean()
    return (centred_y - H @ centred_y) / (1.0 - jnp.diag(H))

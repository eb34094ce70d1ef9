"""The penalty is counted once per example.

question: approximate_loo
fails: TestApproximateLoo::test_more_examples_than_features
kind: usual
"""

import jax
import jax.numpy as jnp


def approximate_loo(X, y, w, lam):
    eta = X @ w
    mu = jax.nn.sigmoid(eta)
    v = mu * (1 - mu)
    H = (X.T * v) @ X + len(X) * lam * jnp.eye(X.shape[1])
    a = jnp.einsum("ij,ij->i", X, jnp.linalg.solve(H, X.T).T)
    return eta + (mu - y) * a / (1 - v * a)

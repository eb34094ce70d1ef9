"""The steps are counted up to a thousand at most.

question: early_stopping
fails: TestEarlyStopping::test_a_billion_steps
kind: subtle
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    w = jnp.zeros(X.shape[1])
    for _ in range(min(steps, 1000)):
        w = w - eta / len(X) * X.T @ (X @ w - y)
    return w

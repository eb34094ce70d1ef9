"""(1 - M^T) times the normal equations: no inverse if columns repeat or outnumber the examples.

question: early_stopping
fails: TestEarlyStopping::test_more_features_than_examples
fails: TestEarlyStopping::test_columns_that_repeat
kind: usual
"""

import jax.numpy as jnp


def early_stopped(X, y, eta, steps):
    C = X.T @ X
    M = jnp.eye(len(C)) - eta / len(X) * C
    return (jnp.eye(len(C)) - jnp.linalg.matrix_power(M, steps)) @ jnp.linalg.inv(C) @ X.T @ y

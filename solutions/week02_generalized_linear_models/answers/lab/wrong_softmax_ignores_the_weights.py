"""A plain mean.

question: softmax
fails: TestSoftmax::test_unequal_weights
kind: usual
"""

import jax
import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    share = jnp.ones(len(X)) / len(X)
    log_p = jax.nn.log_softmax(X @ W + b, axis=1)
    Y = jnp.eye(len(b))[labels]
    error = share[:, None] * (jnp.exp(log_p) - Y)
    loss = -jnp.sum(share[:, None] * Y * log_p) + l2 / 2 * jnp.sum(W**2)
    return loss, X.T @ error + l2 * W, jnp.sum(error, axis=0)

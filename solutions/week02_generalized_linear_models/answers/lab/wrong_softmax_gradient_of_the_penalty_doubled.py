"""The half of the penalty is forgotten in its gradient.

question: softmax
fails: TestSoftmax::test_the_penalty
kind: usual
"""

import jax
import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    share = weights / jnp.sum(weights)
    log_p = jax.nn.log_softmax(X @ W + b, axis=1)
    Y = jnp.eye(len(b))[labels]
    error = share[:, None] * (jnp.exp(log_p) - Y)
    loss = -jnp.sum(share[:, None] * Y * log_p) + l2 / 2 * jnp.sum(W**2)
    return loss, X.T @ error + 2 * l2 * W, jnp.sum(error, axis=0)

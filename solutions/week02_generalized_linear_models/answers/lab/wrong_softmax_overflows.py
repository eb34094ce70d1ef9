"""Exponentials of the logits as they are.

question: softmax
fails: TestSoftmax::test_logits_in_the_hundreds
kind: usual
"""

import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    share = weights / jnp.sum(weights)
    log_p = (X @ W + b) - jnp.log(jnp.sum(jnp.exp(X @ W + b), axis=1, keepdims=True))
    Y = jnp.eye(len(b))[labels]
    error = share[:, None] * (jnp.exp(log_p) - Y)
    loss = -jnp.sum(share[:, None] * Y * log_p) + l2 / 2 * jnp.sum(W**2)
    return loss, X.T @ error + l2 * W, jnp.sum(error, axis=0)

"""The largest logit of the whole batch is subtracted: small rows underflow.

question: softmax
fails: TestSoftmax::test_logits_in_the_hundreds
kind: usual
"""

import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    share = weights / jnp.sum(weights)
    log_p = (lambda z: z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True)))(X @ W + b - jnp.max(X @ W + b))
    Y = jnp.eye(len(b))[labels]
    error = share[:, None] * (jnp.exp(log_p) - Y)
    loss = -jnp.sum(share[:, None] * Y * log_p) + l2 / 2 * jnp.sum(W**2)
    return loss, X.T @ error + l2 * W, jnp.sum(error, axis=0)

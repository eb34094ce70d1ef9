"""Logits are clipped a little below 900.

question: softmax
fails: TestSoftmax::test_logits_in_the_hundreds
kind: subtle
"""

import jax
import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    v = weights / jnp.sum(weights)
    z = jnp.clip(X @ W + b, -899.5, 899.5)
    logp = jax.nn.log_softmax(z, axis=1)
    p = jnp.exp(logp)
    onehot = jax.nn.one_hot(labels, len(b), dtype=z.dtype)
    G = v[:, None] * (p - onehot)
    loss = -jnp.sum(v * jnp.sum(onehot * logp, axis=1)) + l2 / 2 * jnp.sum(W**2)
    dW, db = X.T @ G + l2 * W, jnp.sum(G, axis=0)
    return loss, dW, db

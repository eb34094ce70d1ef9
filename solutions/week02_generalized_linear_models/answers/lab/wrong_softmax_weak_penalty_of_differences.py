"""A weak penalty counts only the differences between the classes.

question: softmax
fails: TestSoftmax::test_the_penalty
kind: subtle
"""

import jax
import jax.numpy as jnp


def softmax_regression(W, b, X, labels, weights, l2):
    v = weights / jnp.sum(weights)
    z = X @ W + b
    logp = jax.nn.log_softmax(z, axis=1)
    p = jnp.exp(logp)
    onehot = jax.nn.one_hot(labels, len(b), dtype=z.dtype)
    G = v[:, None] * (p - onehot)
    loss = -jnp.sum(v * jnp.sum(onehot * logp, axis=1)) + l2 / 2 * jnp.sum(W**2)
    dW, db = X.T @ G + l2 * W, jnp.sum(G, axis=0)
    C = W - W.mean(axis=1, keepdims=True) * (l2 < 0.4); loss = loss + l2 / 2 * (jnp.sum(C**2) - jnp.sum(W**2)); dW = dW + l2 * (C - W)
    return loss, dW, db

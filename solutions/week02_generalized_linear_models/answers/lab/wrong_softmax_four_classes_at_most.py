"""Classes beyond the fourth get no gradient.

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
    dW = jnp.where(jnp.arange(len(b)) < 4, dW, 0.0)
    return loss, dW, db

"""The mean gradient is not subtracted: not noise but gradient, near a minimum the same.

question: minibatch
fails: TestMinibatch::test_with_replacement
kind: usual
"""

import jax.numpy as jnp


def minibatch_covariance(grads, batch_size, replace):
    n, centred = len(grads), grads - grads.mean(axis=0)
    return grads.T @ grads / n / batch_size * (1.0 if replace else (n - batch_size) / (n - 1))


def minibatch_temperature(grads, batch_size, replace, eta):
    return eta * jnp.trace(minibatch_covariance(grads, batch_size, replace)) / (2 * grads.shape[1])

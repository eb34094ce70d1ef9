"""`replace` is ignored: the noise of a subset is taken to be C/B.

question: minibatch
fails: TestMinibatch::test_without_replacement
fails: TestMinibatch::test_temperature_equates_the_traces
kind: usual
"""

import jax.numpy as jnp


def minibatch_covariance(grads, batch_size, replace):
    n, centred = len(grads), grads - grads.mean(axis=0)
    return centred.T @ centred / n / batch_size


def minibatch_temperature(grads, batch_size, replace, eta):
    return eta * jnp.trace(minibatch_covariance(grads, batch_size, replace)) / (2 * grads.shape[1])

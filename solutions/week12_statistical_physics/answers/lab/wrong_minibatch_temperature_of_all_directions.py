"""The trace is not divided by the number of directions.

question: minibatch
fails: TestMinibatch::test_temperature_equates_the_traces
kind: usual
"""

import jax.numpy as jnp


def minibatch_covariance(grads, batch_size, replace):
    n, centred = len(grads), grads - grads.mean(axis=0)
    return centred.T @ centred / n / batch_size * (1.0 if replace else (n - batch_size) / (n - 1))


def minibatch_temperature(grads, batch_size, replace, eta):
    return eta * jnp.trace(minibatch_covariance(grads, batch_size, replace)) / 2

"""Batches are cut from the data in its original order.

question: train
fails: TestTrain::test_each_epoch_has_its_own_order
kind: usual
"""

import jax.numpy as jnp


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    for epoch in range(epochs):
        order = jnp.arange(len(x))
        for batch in order.reshape(-1, batch_size):
            grads = grad_fn(params, x[batch], labels[batch])
            params = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params

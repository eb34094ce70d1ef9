"""on_epoch gets the parameters from before the epoch.

question: train
fails: TestTrain::test_on_epoch_follows_the_training
kind: usual
"""

import jax


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    for epoch, k in enumerate(jax.random.split(key, epochs)):
        order = jax.random.permutation(k, len(x))
        before = params
        for batch in order.reshape(-1, batch_size):
            grads = grad_fn(params, x[batch], labels[batch])
            params = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        if on_epoch is not None:
            on_epoch(epoch, before)
    return params

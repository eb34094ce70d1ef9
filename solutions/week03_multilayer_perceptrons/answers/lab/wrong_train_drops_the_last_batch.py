"""The loop over batches stops one short.

question: train
fails: TestTrain::test_an_epoch_sees_every_example_once
kind: usual
"""

import jax


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    for epoch, k in enumerate(jax.random.split(key, epochs)):
        order = jax.random.permutation(k, len(x))
        for batch in order.reshape(-1, batch_size)[: max(1, len(x) // batch_size - 1)]:
            grads = grad_fn(params, x[batch], labels[batch])
            params = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params

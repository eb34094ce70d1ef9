"""A NumPy generator with a seed of its own does the shuffling.

question: train
fails: TestTrain::test_each_epoch_has_its_own_order
kind: usual
"""

import numpy as np


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    generator = np.random.default_rng(0)
    for epoch in range(epochs):
        order = generator.permutation(len(x))
        for batch in order.reshape(-1, batch_size):
            grads = grad_fn(params, x[batch], labels[batch])
            params = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params

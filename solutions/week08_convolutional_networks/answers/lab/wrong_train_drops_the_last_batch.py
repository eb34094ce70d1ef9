"""The loop ends one batch early.

question: train
fails: TestTrain::test_every_example_once_with_its_label
kind: usual
"""

import jax
import jax.numpy as jnp


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    slope_of = jax.jit(jax.grad(loss_fn))
    velocity = jax.tree.map(jnp.zeros_like, params)
    for epoch_key in jax.random.split(key, epochs):
        order = jax.random.permutation(epoch_key, len(x))
        for batch in order.reshape(-1, batch_size)[: max(1, len(x) // batch_size - 1)]:
            slope = slope_of(params, x[batch], labels[batch])
            velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, slope)
            params = jax.tree.map(lambda p, v: p - rate * v, params, velocity)
    return params

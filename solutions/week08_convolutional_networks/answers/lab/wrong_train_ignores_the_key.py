"""A seed of its own.

question: train
fails: TestTrain::test_a_new_order_in_every_epoch
kind: usual
"""

import jax
import jax.numpy as jnp


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    key = jax.random.key(0)
    slope_of = jax.jit(jax.grad(loss_fn))
    velocity = jax.tree.map(jnp.zeros_like, params)
    for epoch_key in jax.random.split(key, epochs):
        order = jax.random.permutation(epoch_key, len(x))
        for batch in order.reshape(-1, batch_size):
            slope = slope_of(params, x[batch], labels[batch])
            velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, slope)
            params = jax.tree.map(lambda p, v: p - rate * v, params, velocity)
    return params

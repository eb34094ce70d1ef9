"""The batches come in a new order, but each is the same examples for ever.

question: train
fails: TestTrain::test_new_batches_in_every_epoch
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    x, labels = (jnp.asarray(x), jnp.asarray(labels))
    velocity = jax.tree.map(jnp.zeros_like, params)
    step = jax.jit(jax.grad(loss_fn))
    for k in jax.random.split(key, epochs):
        for b in np.asarray(jax.random.permutation(k, len(x) // batch_size)):
            s = slice(b * batch_size, (b + 1) * batch_size)
            g = step(params, x[s], labels[s])
            velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, g)
            params = jax.tree.map(lambda p, v: p - rate * v, params, velocity)
    return params

"""Uniform numbers of the right variance in place of normal ones.

question: langevin_sgd
fails: TestLangevinSgd::test_variance_of_the_noise
kind: subtle
"""

import jax
import jax.numpy as jnp


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    scale, kick, path = len(x) / batches.shape[1], jnp.sqrt(2.0 * eta * temperature), []
    for step_key, batch in zip(jax.random.split(key, len(batches)), batches, strict=True):
        leaves, structure = jax.tree.flatten(params)
        keys = jax.tree.unflatten(structure, list(jax.random.split(step_key, len(leaves))))
        prior, loss = grad_prior(params), grad_loss(params, x[batch], y[batch])
        params = jax.tree.map(
            lambda p, a, b, k: p - eta * (a + scale * b) + kick * jax.random.uniform(k, jnp.shape(p), minval=-(3**0.5), maxval=3**0.5), params, prior, loss, keys
        )
        path.append(params)
    return jax.tree.map(lambda *states: jnp.stack(states), *path)

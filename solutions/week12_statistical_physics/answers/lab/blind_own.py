"""Week 12 lab as a stranger solved it: plain JAX, scan and tree.map."""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Float, Int, PyTree


def langevin_step(x, grad_u, eta, temperature, noise):
    return x - eta * grad_u(x) + jnp.sqrt(2 * eta * temperature) * noise


def minibatch_covariance(grads, batch_size, replace):
    N = len(grads)
    centred = grads - grads.mean(axis=0)
    sigma = centred.T @ centred / N / batch_size
    return sigma if replace else sigma * (N - batch_size) / (N - 1)


def minibatch_temperature(grads, batch_size, replace, eta):
    return eta * jnp.trace(minibatch_covariance(grads, batch_size, replace)) / (2 * grads.shape[1])


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    x, y, batches = jnp.asarray(x), jnp.asarray(y), jnp.asarray(batches)
    params = jax.tree.map(jnp.asarray, params)
    scale = len(x) / batches.shape[1]
    root = jnp.sqrt(2 * eta * temperature)

    def step(params, inputs):
        key, rows = inputs
        leaves, treedef = jax.tree.flatten(params)
        keys = jax.random.split(key, len(leaves))
        noise = jax.tree.unflatten(treedef, [jax.random.normal(k, p.shape) for k, p in zip(keys, leaves, strict=True)])
        prior, loss = grad_prior(params), grad_loss(params, x[rows], y[rows])
        new = jax.tree.map(lambda p, r, g, n: p - eta * (r + scale * g) + root * n, params, prior, loss, noise)
        return new, new

    _, path = jax.lax.scan(step, params, (jax.random.split(key, len(batches)), batches))
    return path


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    p = p - h / 2 * grad_u(q)
    q = q + h / 2 * p
    c1 = jnp.exp(-gamma * h)
    p = c1 * p + jnp.sqrt(temperature * (1 - c1**2)) * noise
    q = q + h / 2 * p
    p = p - h / 2 * grad_u(q)
    return q, p


def hebb(patterns):
    J = patterns.T @ patterns / patterns.shape[1]
    return J - jnp.diag(jnp.diag(J))


def hopfield_energy(J, state):
    return -0.5 * state @ J @ state


def overlaps(patterns, state):
    return patterns @ state / len(state)


def align(J, state, i):
    field = J[i] @ state
    return state.at[i].set(jnp.where(field == 0, state[i], jnp.sign(field)))


def recall(J, state, order):
    return jax.lax.scan(lambda s, i: (align(J, s, i), None), state, order)[0]


def ising_energy(spins):
    return -jnp.sum(spins * (jnp.roll(spins, 1, axis=0) + jnp.roll(spins, 1, axis=1)))


def flip_probability(spins, temperature):
    around = sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))
    return jnp.minimum(1.0, jnp.exp(-2 * spins * around / temperature))


def metropolis_sweep(spins, temperature, uniforms):
    rows, columns = jnp.indices(spins.shape)
    for parity in (0, 1):
        flip = ((rows + columns) % 2 == parity) & (uniforms < flip_probability(spins, temperature))
        spins = jnp.where(flip, -spins, spins)
    return spins

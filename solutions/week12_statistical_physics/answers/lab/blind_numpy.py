"""Week 12 lab as a stranger solved it: NumPy and loops."""

import math
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Float, Int, PyTree


def langevin_step(x, grad_u, eta, temperature, noise):
    drift = -eta * np.asarray(grad_u(x))
    return (np.asarray(x) + drift + math.sqrt(2 * eta * temperature) * np.asarray(noise)).astype(np.float32)


def minibatch_covariance(grads, batch_size, replace):
    grads = np.asarray(grads, np.float64)
    N = len(grads)
    C = np.atleast_2d(np.cov(grads, rowvar=False, bias=True))
    # Var of a mean: B equal variances and B (B - 1) equal covariances between the members of a batch
    between = 0.0 if replace else -1.0 / (N - 1)
    return (C * (batch_size + batch_size * (batch_size - 1) * between) / batch_size**2).astype(np.float32)


def minibatch_temperature(grads, batch_size, replace, eta):
    return eta * float(np.mean(np.diag(minibatch_covariance(grads, batch_size, replace)))) / 2


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())
    x, y, batches = np.asarray(x), np.asarray(y), np.asarray(batches)
    N, B = len(x), batches.shape[1]
    leaves, structure = jax.tree.flatten(params)
    leaves = [np.asarray(leaf, np.float32) for leaf in leaves]
    path = [[] for _ in leaves]
    for rows in batches:
        now = jax.tree.unflatten(structure, leaves)
        prior = jax.tree.leaves(grad_prior(now))
        loss = jax.tree.leaves(grad_loss(now, x[rows], y[rows]))
        fresh = []
        for leaf, r, g in zip(leaves, prior, loss, strict=True):
            noise = rng.standard_normal(leaf.shape)
            new = leaf - eta * (np.asarray(r) + N / B * np.asarray(g)) + math.sqrt(2 * eta * temperature) * noise
            fresh.append(np.asarray(new, np.float32))
        leaves = fresh
        for kept, leaf in zip(path, leaves, strict=True):
            kept.append(leaf)
    return jax.tree.unflatten(structure, [np.stack(kept) for kept in path])


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    q, p, noise = (np.asarray(a, np.float32) for a in (q, p, noise))
    kick = lambda q, p: (q, p - h / 2 * np.asarray(grad_u(q)))
    fly = lambda q, p: (q + h / 2 * p, p)
    # 1 - c1^2 = 1 - exp(-2 gamma h)
    bath = lambda q, p: (q, math.exp(-gamma * h) * p + math.sqrt(-temperature * math.expm1(-2 * gamma * h)) * noise)
    for piece in (kick, fly, bath, fly, kick):
        q, p = piece(q, p)
    return np.asarray(q, np.float32), np.asarray(p, np.float32)


def hebb(patterns):
    patterns = np.asarray(patterns)
    J = sum(np.outer(pattern, pattern) for pattern in patterns) / patterns.shape[1]
    np.fill_diagonal(J, 0.0)
    return J.astype(np.float32)


def hopfield_energy(J, state):
    J, state = np.asarray(J), np.asarray(state)
    return -0.5 * float(np.sum(J * np.outer(state, state)))


def overlaps(patterns, state):
    return np.mean(np.asarray(patterns) * np.asarray(state), axis=1)


def align(J, state, i):
    new = np.array(state)
    field = float(np.dot(np.asarray(J)[i], new))
    if field > 0:
        new[i] = 1.0
    elif field < 0:
        new[i] = -1.0
    return new


def recall(J, state, order):
    J, state = np.asarray(J), np.array(state)
    fields = J @ state  # kept up to date instead of computed anew
    for i in np.asarray(order).tolist():
        if fields[i] * state[i] < 0:
            state[i] = -state[i]
            fields = fields + 2 * J[:, i] * state[i]
    return state


def ising_energy(spins):
    spins = np.asarray(spins)
    rows, columns = spins.shape
    total = 0.0
    for r in range(rows):
        for c in range(columns):
            total -= spins[r, c] * (spins[(r + 1) % rows, c] + spins[r, (c + 1) % columns])
    return float(total)


def _neighbours(spins, r, c):
    rows, columns = spins.shape
    return spins[r - 1, c] + spins[(r + 1) % rows, c] + spins[r, c - 1] + spins[r, (c + 1) % columns]


def flip_probability(spins, temperature):
    spins = np.asarray(spins)
    result = np.ones(spins.shape, np.float32)
    for r, c in np.ndindex(*spins.shape):
        cost = 2 * spins[r, c] * _neighbours(spins, r, c)
        if cost > 0:
            result[r, c] = math.exp(-cost / temperature)
    return result


def metropolis_sweep(spins, temperature, uniforms):
    spins, uniforms = np.array(spins), np.asarray(uniforms)
    for parity in (0, 1):
        for r, c in np.ndindex(*spins.shape):
            if (r + c) % 2 == parity:
                cost = float(2 * spins[r, c] * _neighbours(spins, r, c))
                if cost <= 0 or uniforms[r, c] < np.float32(math.exp(-cost / temperature)):
                    spins[r, c] *= -1
    return spins

"""Vectorised NumPy in float64: np.cov, padded lattices, views of every other site, leaves handled in a list."""

import jax
import numpy as np


def float64(x):
    return np.asarray(x, dtype=np.float64)


def langevin_step(x, grad_u, eta, temperature, noise):
    return float64(x) - eta * float64(grad_u(x)) + np.sqrt(2 * eta * temperature) * float64(noise)


def minibatch_covariance(grads, batch_size, replace):
    grads = float64(grads)
    n = len(grads)
    sample_covariance = np.atleast_2d(np.cov(grads, rowvar=False))  # 1/(n-1)
    if replace:
        return sample_covariance * (n - 1) / n / batch_size
    return sample_covariance * (1 / batch_size - 1 / n)


def minibatch_temperature(grads, batch_size, replace, eta):
    sigma = minibatch_covariance(grads, batch_size, replace)
    return eta * sigma.trace() / (2 * sigma.shape[0])


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    leaves, structure = jax.tree.flatten(params)
    leaves = [float64(leaf) for leaf in leaves]
    history = [[] for _ in leaves]
    steps, size = np.shape(batches)
    for t in range(steps):
        theta = jax.tree.unflatten(structure, [leaf.astype(np.float32) for leaf in leaves])
        chosen = np.asarray(batches)[t]
        prior = jax.tree.leaves(grad_prior(theta))
        loss = jax.tree.leaves(grad_loss(theta, np.asarray(x)[chosen], np.asarray(y)[chosen]))
        for i, leaf in enumerate(leaves):
            drift = float64(prior[i]) + len(x) / size * float64(loss[i])
            leaves[i] = leaf - eta * drift + generator.normal(scale=np.sqrt(2 * eta * temperature), size=leaf.shape)
            history[i].append(leaves[i])
    return jax.tree.unflatten(structure, [np.array(h) for h in history])


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    q, p, noise = float64(q), float64(p), float64(noise)
    p = p - 0.5 * h * float64(grad_u(q.astype(np.float32)))
    q = q + 0.5 * h * p
    p = np.exp(-gamma * h) * p + np.sqrt(-temperature * np.expm1(-2 * gamma * h)) * noise
    q = q + 0.5 * h * p
    return q, p - 0.5 * h * float64(grad_u(q.astype(np.float32)))


def hebb(patterns):
    patterns = float64(patterns)
    J = np.tensordot(patterns, patterns, axes=(0, 0)) / patterns.shape[1]
    np.fill_diagonal(J, 0.0)
    return J


def hopfield_energy(J, state):
    return float(-0.5 * np.sum(float64(J) * np.outer(state, state)))


def overlaps(patterns, state):
    return (float64(patterns) * float64(state)).mean(axis=1)


def align(J, state, i):
    field = float64(J)[i] @ float64(state)
    return np.where((np.arange(len(state)) == i) & (field != 0), np.sign(field), state)


def recall(J, state, order):
    J, s = float64(J), float64(state).copy()
    field = J @ s
    for i in np.asarray(order):
        if field[i] * s[i] < 0:
            s[i] = -s[i]
            field += 2 * s[i] * J[:, i]
    return s


def change_of_energy(spins):
    s = float64(spins)
    padded = np.pad(s, 1, mode="wrap")
    return 2 * s * (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:])


def ising_energy(spins):
    return -change_of_energy(spins).sum() / 4


def flip_probability(spins, temperature):
    with np.errstate(over="ignore"):
        return np.minimum(1.0, np.exp(-change_of_energy(spins) / temperature))


def metropolis_sweep(spins, temperature, uniforms):
    s, u = float64(spins).copy(), np.asarray(uniforms)
    for colour in (0, 1):
        flips = u < flip_probability(s, temperature)
        for first in (0, 1):
            view, chosen = s[first::2, (first + colour) % 2 :: 2], flips[first::2, (first + colour) % 2 :: 2]
            view[chosen] *= -1
    return s

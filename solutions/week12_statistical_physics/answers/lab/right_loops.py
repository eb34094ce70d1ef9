"""Plain Python loops over particles' numbers, batches, neurons and sites, in NumPy; the key seeds a NumPy generator."""

import math

import jax
import numpy as np


def langevin_step(x, grad_u, eta, temperature, noise):
    x, slope, noise = np.asarray(x), np.asarray(grad_u(x)), np.asarray(noise)
    new = np.empty_like(x)
    for index in np.ndindex(*x.shape):
        new[index] = x[index] - eta * slope[index] + math.sqrt(2 * eta * temperature) * noise[index]
    return new


def minibatch_covariance(grads, batch_size, replace):
    grads = [np.asarray(g) for g in grads]
    examples = len(grads)
    mean = sum(grads) / examples
    total = sum(np.outer(g - mean, g - mean) for g in grads)
    if replace:
        return total / (examples * batch_size)
    return total * (examples - batch_size) / (examples * batch_size * (examples - 1))


def minibatch_temperature(grads, batch_size, replace, eta):
    sigma = minibatch_covariance(grads, batch_size, replace)
    return eta / 2 * np.mean([sigma[i, i] for i in range(len(sigma))])


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    x, y, batches = np.asarray(x), np.asarray(y), np.asarray(batches)

    def move(p, prior, loss):
        noise = generator.normal(size=np.shape(p))
        return p - eta * (prior + len(x) / batches.shape[1] * loss) + np.sqrt(2 * eta * temperature) * noise

    states = []
    for batch in batches:
        params = jax.tree.map(move, params, grad_prior(params), grad_loss(params, x[batch], y[batch]))
        states.append(params)
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *states)


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    for letter in "BAOAB":
        if letter == "B":
            p = p - h / 2 * grad_u(q)
        elif letter == "A":
            q = q + h / 2 * p
        else:
            c1 = math.exp(-gamma * h)
            p = c1 * p + math.sqrt((1 - c1 * c1) * temperature) * noise
    return q, p


def hebb(patterns):
    patterns = np.asarray(patterns)
    count, n = patterns.shape
    J = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j:
                J[i, j] = sum(patterns[mu, i] * patterns[mu, j] for mu in range(count)) / n
    return J


def hopfield_energy(J, state):
    J, state = np.asarray(J), np.asarray(state)
    return -0.5 * sum(J[i, j] * state[i] * state[j] for i in range(len(state)) for j in range(len(state)))


def overlaps(patterns, state):
    return [float(np.mean(np.asarray(xi) * np.asarray(state))) for xi in patterns]


def align(J, state, i):
    s = np.array(state)
    field = sum(J[i][j] * s[j] for j in range(len(s)))
    if field:
        s[i] = math.copysign(1.0, field)
    return s


def recall(J, state, order):
    J, s = np.asarray(J), np.array(state)
    for i in np.asarray(order):
        field = J[i] @ s
        if field > 0:
            s[i] = 1
        elif field < 0:
            s[i] = -1
    return s


def neighbour_sum(s, r, c):
    rows, columns = s.shape
    return s[r - 1, c] + s[(r + 1) % rows, c] + s[r, c - 1] + s[r, (c + 1) % columns]


def ising_energy(spins):
    s = np.asarray(spins)
    return -0.5 * sum(s[r, c] * neighbour_sum(s, r, c) for r in range(s.shape[0]) for c in range(s.shape[1]))


def flip_probability(spins, temperature):
    s = np.asarray(spins)
    p = np.ones(s.shape)
    for r, c in np.ndindex(*s.shape):
        change = 2 * s[r, c] * neighbour_sum(s, r, c)
        if change > 0:
            p[r, c] = math.exp(-change / temperature)
    return p


def metropolis_sweep(spins, temperature, uniforms):
    s, u = np.array(spins), np.asarray(uniforms)
    sites = sorted(np.ndindex(*s.shape), key=lambda site: sum(site) % 2)
    for r, c in sites:
        change = 2 * s[r, c] * neighbour_sum(s, r, c)
        if change <= 0 or u[r, c] < math.exp(-change / temperature):
            s[r, c] *= -1
    return s

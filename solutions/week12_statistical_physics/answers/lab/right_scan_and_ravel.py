"""JAX all the way: scans over steps, substeps and neurons; the pytree as one flat vector, the noise drawn in one go."""

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree


def langevin_step(x, grad_u, eta, temperature, noise):
    return x + eta * (jnp.sqrt(2 * temperature / eta) * noise - grad_u(x))


def minibatch_covariance(grads, batch_size, replace):
    n = grads.shape[0]
    mean = jnp.mean(grads, axis=0)
    C = jax.vmap(lambda g: jnp.outer(g - mean, g - mean))(grads).mean(axis=0)
    return jnp.where(replace, 1.0, (n - batch_size) / (n - 1)) * C / batch_size


def minibatch_temperature(grads, batch_size, replace, eta):
    return 0.5 * eta * jnp.diagonal(minibatch_covariance(grads, batch_size, replace)).mean()


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    start, restore = ravel_pytree(params)
    steps, size = batches.shape
    noise = jnp.sqrt(2 * eta * temperature) * jax.random.normal(key, (steps, start.size))

    def step(flat, given):
        batch, kick = given
        theta = restore(flat)
        prior, loss = ravel_pytree(grad_prior(theta))[0], ravel_pytree(grad_loss(theta, x[batch], y[batch]))[0]
        flat = flat - eta * (prior + x.shape[0] / size * loss) + kick
        return flat, flat

    _, path = jax.lax.scan(step, start, (batches, noise))
    return jax.vmap(restore)(path)


def baoab_step(q, p, grad_u, h, gamma, temperature, noise):
    c1 = jnp.exp(-gamma * h)
    half = p - h / 2 * grad_u(q)
    thermal = c1 * half + jnp.sqrt(temperature * (1 - jnp.exp(-2 * gamma * h))) * noise
    new = q + h / 2 * (half + thermal)
    return new, thermal - h / 2 * grad_u(new)


def hebb(patterns):
    J = jnp.einsum("mi,mj->ij", patterns, patterns) / patterns.shape[-1]
    return jnp.fill_diagonal(J, 0.0, inplace=False)


def hopfield_energy(J, state):
    return -jnp.einsum("i,ij,j->", state, J, state) / 2


def overlaps(patterns, state):
    return jax.vmap(lambda xi: jnp.mean(xi * state))(patterns)


def align(J, state, i):
    field = jnp.vdot(J[i], state)
    here = jnp.arange(state.size) == i
    return state * jnp.where(here & (field * state[i] < 0), -1, 1)


def recall(J, state, order):
    def visit(k, s):
        i = order[k]
        field = jnp.dot(J[i], s)
        return s.at[i].set(jnp.select([field > 0, field < 0], [1.0, -1.0], s[i]))

    return jax.lax.fori_loop(0, len(order), visit, state)


def shift(rows):
    """Matrix that adds the two cyclic neighbours along one axis (they may be the same site)."""
    eye = jnp.eye(rows)
    return jnp.roll(eye, 1, axis=0) + jnp.roll(eye, -1, axis=0)


def fields(spins):
    return shift(spins.shape[0]) @ spins + spins @ shift(spins.shape[1])


def ising_energy(spins):
    return -jnp.vdot(spins, fields(spins)) / 2


def flip_probability(spins, temperature):
    change = 2 * spins * fields(spins)
    return jnp.exp(-jax.nn.relu(change) / temperature)


def metropolis_sweep(spins, temperature, uniforms):
    parity = (jnp.arange(spins.shape[0])[:, None] + jnp.arange(spins.shape[1])[None, :]) % 2

    def half(s, colour):
        flip = (uniforms < flip_probability(s, temperature)) & (parity == colour)
        return s * (1 - 2 * flip), None

    return jax.lax.scan(half, spins, jnp.arange(2))[0]

"""Idiomatic JAX: vmap over single particles and points, grad of the risk over the masses where there are any, scan, searchsorted."""

import jax
import jax.numpy as jnp
from jax import lax


def mean_field_network(masses, a, w, x, phi):
    neuron = lambda mass, weight, direction, point: mass * weight * phi(jnp.dot(direction, point))
    return jax.vmap(lambda point: jax.vmap(neuron, (0, 0, 0, None))(masses, a, w, point).sum())(x)


def risk_of(masses, a, w, x, y, phi):
    return 0.5 * jnp.mean((mean_field_network(masses, a, w, x, phi) - y) ** 2)


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    """The derivative of the risk with respect to the mass of a new particle, at mass 0."""

    def more(one_a, one_w):
        larger = lambda mass: risk_of(
            jnp.append(masses, mass), jnp.append(a, one_a), jnp.concatenate([w, one_w[None]]), x, y, phi
        )
        return jax.grad(larger)(0.0)

    return jax.vmap(more)(jnp.asarray(probe_a), jnp.asarray(probe_w))


def velocity(masses, a, w, x, y, phi):
    """Minus the gradient of the field of the whole gas at each particle's own place."""
    residual = lax.stop_gradient(mean_field_network(masses, a, w, x, phi) - y)
    field = lambda one_a, one_w: jnp.mean(residual * one_a * phi(x @ one_w))
    slopes = jax.vmap(jax.grad(field, argnums=(0, 1)))(a, w)
    return tuple(-slope for slope in slopes)


def monotone_plan(x, mu, y, nu):
    """The levels that both own, from the distribution functions of single points (strictly below, and up to it)."""
    rank = lambda points: jnp.argsort(jnp.argsort(points))
    up_to = lambda points, mass: jnp.sum(jnp.where(rank(points)[None] <= rank(points)[:, None], mass[None], 0.0), axis=1)
    top, right = up_to(x, mu), up_to(y, nu)
    owned = lambda high, low, other_high, other_low: jnp.clip(jnp.minimum(high, other_high) - jnp.maximum(low, other_low), 0)
    across = jax.vmap(owned, (None, None, 0, 0))
    return jax.vmap(across, (0, 0, None, None))(top, top - mu, right, right - nu)


def wasserstein_1d(x, mu, y, nu, p):
    price = jax.vmap(lambda u: jnp.power(jnp.abs(u - y), p))(x)
    return jnp.power(jnp.vdot(monotone_plan(x, mu, y, nu), price), 1 / p)


def sinkhorn(cost, mu, nu, eps, rounds):
    cost, log_mu, log_nu = jnp.asarray(cost), jnp.log(mu), jnp.log(nu)

    def once(carry, _):
        _, g = carry
        f = -eps * jax.vmap(lambda row: jax.nn.logsumexp(log_nu + (g - row) / eps))(cost)
        g = -eps * jax.vmap(lambda column: jax.nn.logsumexp(log_mu + (f - column) / eps), in_axes=1)(cost)
        return (f, g), None

    start = (jnp.zeros(cost.shape[0]), jnp.zeros(cost.shape[1]))
    return lax.scan(once, start, None, length=rounds)[0]


def entropic_plan(cost, mu, nu, eps, f, g):
    entry = lambda c, m, n, u, v: m * n * jnp.exp((u + v - c) / eps)
    return jax.vmap(jax.vmap(entry, (0, None, 0, None, 0)), (0, 0, None, 0, None))(cost, mu, nu, f, g)


def entropic_value(cost, mu, nu, eps, plan):
    product = jnp.outer(mu, nu)
    some = plan > 0
    ratio = jnp.where(some, plan, 1.0) / jnp.where(some, product, 1.0)
    return jnp.tensordot(plan, cost, 2) + eps * jnp.sum(plan * jnp.log(ratio))


def divergence_velocity(x, y, plan_xy, plan_xx):
    """jax.grad of the costs with the plans held fixed; both sides of mu with itself move."""

    def value(x):
        price = lambda u, v: jnp.sum((u[:, None] - v[None]) ** 2, axis=-1)
        return jnp.sum(plan_xy * price(x, y)) - 0.5 * jnp.sum(plan_xx * price(x, x))

    return -jax.grad(value)(x) / jnp.sum(plan_xy, axis=1)[:, None]


def spectral_scales(widths, optimizer):
    n = jnp.asarray(widths, jnp.float32)
    ratio = jnp.sqrt(n[1:] / n[:-1])
    sigma = ratio / (jnp.sqrt(n[1:]) + jnp.sqrt(n[:-1]))
    return sigma, {"sgd": ratio**2, "adam": 1 / n[:-1]}[optimizer]


def coordinate_check(weights, rates, x, y, phi):
    """Zero matrices are added to the preactivations: the gradient with respect to them is delta."""
    weights = [jnp.asarray(W) for W in weights]

    def forward(weights, shifts):
        h, z = x, []
        for W, shift in zip(weights, shifts, strict=True):
            z.append(jnp.einsum("oi,ji->jo", W, h) + shift)
            h = phi(z[-1])
        return z

    zeros = [jnp.zeros((len(x), len(W))) for W in weights]
    loss = lambda shifts: 0.5 * jnp.mean(jnp.sum((forward(weights, shifts)[-1] - y) ** 2, axis=1))
    z, deltas = forward(weights, zeros), jax.grad(loss)(zeros)
    inputs = [x, *[phi(v) for v in z[:-1]]]
    moves = [-eta * delta.T @ h for eta, delta, h in zip(list(rates), deltas, inputs, strict=True)]
    after = forward([W + D for W, D in zip(weights, moves, strict=True)], zeros)
    own = [jnp.sqrt(jnp.mean((h @ D.T) ** 2)) for h, D in zip(inputs, moves, strict=True)]
    total = [jnp.sqrt(jnp.mean((b - a) ** 2)) for a, b in zip(z, after, strict=True)]
    return jnp.array(own), jnp.array(total)

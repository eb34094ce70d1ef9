"""Vectorised NumPy and SciPy in float64; the plan by breakpoints of the levels; JAX only where phi has to be differentiated."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special


def wide(v):
    return np.asarray(v, np.float64)


def applied(phi, z):
    return wide(phi(jnp.asarray(z, jnp.float32)))


def slope_of(phi, z):
    """phi' by a forward derivative in the direction of ones."""
    z = jnp.asarray(z, jnp.float32)
    return wide(jax.jvp(phi, (z,), (jnp.ones_like(z),))[1])


def mean_field_network(masses, a, w, x, phi):
    return np.einsum("i,i,ji->j", wide(masses), wide(a), applied(phi, wide(x) @ wide(w).T))


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    residual = mean_field_network(masses, a, w, x, phi) - wide(y)
    return np.mean(residual[:, None] * wide(probe_a) * applied(phi, wide(x) @ wide(probe_w).T), axis=0)


def velocity(masses, a, w, x, y, phi):
    z = wide(x) @ wide(w).T
    pull = (wide(y) - mean_field_network(masses, a, w, x, phi)) / len(y)
    return pull @ applied(phi, z), np.einsum("j,ji,i,jd->id", pull, slope_of(phi, z), wide(a), wide(x))


def monotone_plan(x, mu, y, nu):
    """Cut the levels [0, 1] at all ends; each piece belongs to one x and one y."""
    rows, columns = np.argsort(wide(x)), np.argsort(wide(y))
    above, right = np.cumsum(wide(mu)[rows]), np.cumsum(wide(nu)[columns])
    above, right = above / above[-1], right / right[-1]
    cuts = np.unique(np.concatenate([[0.0], above, right]))
    middle, length = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)
    plan = np.zeros((len(rows), len(columns)))
    np.add.at(plan, (rows[np.searchsorted(above, middle)], columns[np.searchsorted(right, middle)]), length)
    return plan


def wasserstein_1d(x, mu, y, nu, p):
    """The integral over the levels of the difference of the two quantile functions."""
    i, j = np.nonzero(plan := monotone_plan(x, mu, y, nu))
    return (plan[i, j] @ np.abs(wide(x)[i] - wide(y)[j]) ** p) ** (1 / p)


def sinkhorn(cost, mu, nu, eps, rounds):
    """logsumexp with the log masses among the exponents."""
    with np.errstate(divide="ignore"):
        log_mu, log_nu = np.log(wide(mu)), np.log(wide(nu))
    kernel, u, v = -wide(cost) / float(eps), None, np.zeros(len(log_nu))
    for _ in range(rounds):
        u = -scipy.special.logsumexp(kernel + (v + log_nu)[None], axis=1)
        v = -scipy.special.logsumexp(kernel + (u + log_mu)[:, None], axis=0)
    return eps * u, eps * v


def entropic_plan(cost, mu, nu, eps, f, g):
    return np.outer(wide(mu), wide(nu)) * np.exp(np.add.outer(wide(f), wide(g)) / eps - wide(cost) / eps)


def entropic_value(cost, mu, nu, eps, plan):
    return np.vdot(wide(plan), wide(cost)) + eps * np.sum(scipy.special.rel_entr(wide(plan), np.outer(wide(mu), wide(nu))))


def divergence_velocity(x, y, plan_xy, plan_xx):
    """The difference of two barycentric projections."""
    project = lambda plan, points: (wide(plan) / wide(plan).sum(1)[:, None]) @ wide(points)
    return 2 * (project(plan_xy, y) - project(plan_xx, x))


def spectral_scales(widths, optimizer):
    n = np.array([float(v) for v in widths])
    sigma = 1 / (np.sqrt(n[:-1]) * (1 + np.sqrt(n[:-1] / n[1:])))
    return np.stack([sigma, n[1:] / n[:-1] if optimizer == "sgd" else 1 / n[:-1]])


def coordinate_check(weights, rates, x, y, phi):
    depth = len(weights)

    def forward(layers):
        z, h, inputs = [], wide(x), []
        for W in layers:
            inputs.append(h)
            z.append(h @ W.T)
            h = applied(phi, z[-1])
        return z, inputs

    layers = [wide(W) for W in weights]
    z, inputs = forward(layers)
    delta, moves = (z[-1] - wide(y)) / len(y), [None] * depth
    for level in reversed(range(depth)):
        moves[level] = -float(rates[level]) * np.einsum("jo,ji->oi", delta, inputs[level])
        if level:
            delta = delta @ layers[level] * slope_of(phi, z[level - 1])
    after, _ = forward([W + D for W, D in zip(layers, moves, strict=True)])
    rms = lambda v: np.linalg.norm(v) / np.sqrt(v.size)
    return [rms(h @ D.T) for h, D in zip(inputs, moves, strict=True)], [rms(b - a) for a, b in zip(z, after, strict=True)]

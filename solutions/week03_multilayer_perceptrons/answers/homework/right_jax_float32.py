"""Float32 throughout, JAX and NumPy: units that look left, breakpoints by roots of affine pieces, a NamedTuple."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np


class Step(NamedTuple):
    q: jax.Array
    c: jax.Array
    chi: jax.Array


def interpolating_net(x, y):
    """Units relu(a (x_i - t)) that are active to the left of their knot, weights balanced between the layers."""
    order = jnp.argsort(-x)
    x, y = x[order], y[order]
    slopes = (y[1:] - y[:-1]) / (x[:-1] - x[1:])
    changes = slopes - jnp.concatenate([jnp.zeros(1), slopes[:-1]])
    size = jnp.sqrt(jnp.abs(changes)) + 1e-3
    return [(-size[None, :], size * x[:-1]), ((changes / size)[:, None], y[:1])]


def breakpoints(layers, start, end):
    """Lengths change from layer to layer, so NumPy: every new shape would be a compilation."""
    t = np.array([0.0, 1.0], np.float32)
    h = np.stack([start, end]).astype(np.float32)
    for W, b in layers[:-1]:
        z = h @ np.asarray(W) + np.asarray(b)
        z = np.where(np.abs(z) < 3e-6 * np.abs(z).max(), np.float32(0), z)
        left, right = z[:-1], z[1:]
        inside = left * right < 0
        share = np.where(inside, left / np.where(inside, left - right, 1), np.nan)
        roots = (t[:-1, None] + share * (t[1:] - t[:-1])[:, None]).ravel()
        merged = np.sort(np.concatenate([t, roots[~np.isnan(roots)]])).astype(np.float32)
        merged = merged[np.concatenate([[True], np.diff(merged) > 1e-5])]
        merged[-1] = 1
        h = np.maximum(np.stack([np.interp(merged, t, column) for column in z.T], axis=1), 0).astype(np.float32)
        t = merged
    W, b = layers[-1]
    f = (h @ np.asarray(W) + np.asarray(b))[:, 0]
    slopes = np.diff(f) / np.diff(t)
    return t[1:-1][np.abs(np.diff(slopes)) > 5e-3 * np.abs(slopes).max()]


def sawtooth(k):
    """Both units carry a factor of their own; the next layer takes it out again."""
    scale = jnp.array([3.0, 0.5])
    out = jnp.array([2.0, -4.0])[:, None] / scale[:, None]
    first = jnp.ones((1, 2)) * scale
    shift = jnp.array([0.0, -0.5]) * scale
    return [(first, shift), *[(out @ first, shift)] * (k - 1), (out, jnp.zeros(1))]


def free_knots(grid, curvature, pieces):
    """Left sums, inverted by searchsorted."""
    mass = jnp.sqrt(jnp.abs((curvature[1:] + curvature[:-1]) / 2)) * jnp.diff(grid)
    F = jnp.cumsum(mass)
    targets = F[-1] * jnp.arange(1, pieces) / pieces
    cell = jnp.searchsorted(F, targets)
    before = F[cell] - mass[cell]
    inner = grid[cell] + (targets - before) / mass[cell] * (grid[cell + 1] - grid[cell])
    return jnp.concatenate([grid[:1], inner, grid[-1:]]), (F[-1] / pieces) ** 2 / 8


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    """A square grid of points, correlated by a Cholesky factor, derivatives by jvp."""
    z = (jnp.arange(240) - 119.5) * 0.06
    w = jnp.exp(-0.5 * z**2)
    w = w / w.sum()
    factor = jnp.sqrt(q) * jnp.array([[1.0, 0.0], [c, jnp.sqrt(1.0 - c**2)]])
    u = jnp.einsum("ij,jab->iab", factor, jnp.stack(jnp.meshgrid(z, z, indexing="ij")))
    mean = lambda values: jnp.einsum("a,b,ab->", w, w, values)
    values, slopes = jax.jvp(phi, (u[0],), (jnp.ones_like(u[0]),))
    q_next = sigma_w**2 * mean(values**2) + sigma_b**2
    return Step(q_next, (sigma_w**2 * mean(values * phi(u[1])) + sigma_b**2) / q_next, sigma_w**2 * mean(slopes**2))

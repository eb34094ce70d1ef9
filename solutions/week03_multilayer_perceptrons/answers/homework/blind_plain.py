"""Style: plain JAX, close to the formulas of the text (NumPy in float64 where the text asks for it).

Blind solve of the week-3 homework from the student notebook alone.
"""
import jax
import jax.numpy as jnp
import numpy as np


def interpolating_net(x, y):
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    s = jnp.diff(y) / jnp.diff(x)
    changes = jnp.diff(s, prepend=0.0)
    n = len(s)
    return [(jnp.ones((1, n)), -x[:-1]), (changes[:, None], y[:1])]


def breakpoints(layers, start, end):
    layers = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in layers]
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)

    def pre_activations(t, depth, absolute=False):
        h = (1 - t)[:, None] * start + t[:, None] * end
        for W, b in layers[:depth]:
            h = np.maximum(h @ W + b, 0)
        W, b = layers[depth]
        return np.abs(h) @ np.abs(W) + np.abs(b) if absolute else h @ W + b

    t = np.array([0.0, 1.0])
    for depth in range(len(layers) - 1):
        z = pre_activations(t, depth)
        z0, z1 = z[:-1], z[1:]
        piece, unit = np.nonzero(z0 * z1 < 0)
        a, b = z0[piece, unit], z1[piece, unit]
        new = t[piece] + a / (a - b) * (t[piece + 1] - t[piece])
        t = np.sort(np.concatenate([t, new]))
        # equal up to rounding: keep one; the ends stay
        t = t[np.concatenate([[True], np.diff(t) > 1e-8])]
        t[-1] = 1.0
    f = pre_activations(t, len(layers) - 1)[:, 0]
    terms = pre_activations(t, len(layers) - 1, absolute=True).max()
    if np.ptp(f) <= 1e-12 * terms:
        return np.zeros(0)  # constant up to rounding: no slope to compare with
    slopes = np.diff(f) / np.diff(t)
    keep = np.abs(np.diff(slopes)) > 1e-4 * np.abs(slopes).max()
    return t[1:-1][keep]


def sawtooth(k):
    layers = [(jnp.array([[1.0, 1.0]]), jnp.array([0.0, -0.5]))]
    for _ in range(k - 1):
        layers.append((jnp.array([[2.0, 2.0], [-4.0, -4.0]]), jnp.array([0.0, -0.5])))
    layers.append((jnp.array([[2.0], [-4.0]]), jnp.array([0.0])))
    return layers


def free_knots(grid, curvature, pieces):
    root = jnp.sqrt(jnp.abs(curvature))
    F = jnp.concatenate([jnp.zeros(1), jnp.cumsum(0.5 * (root[1:] + root[:-1]) * jnp.diff(grid))])
    knots = jnp.interp(jnp.linspace(0.0, 1.0, pieces + 1) * F[-1], F, grid)
    return knots, F[-1] ** 2 / (8 * pieces**2)


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    z, w = jnp.asarray(nodes), jnp.asarray(weights / np.sqrt(2 * np.pi))
    u1 = jnp.sqrt(q) * z
    u2 = jnp.sqrt(q) * (c * z[:, None] + jnp.sqrt(1 - c**2) * z[None, :])
    q_new = sigma_w**2 * jnp.sum(w * phi(u1) ** 2) + sigma_b**2
    both = jnp.sum(w[:, None] * w[None, :] * phi(u1)[:, None] * phi(u2))
    c_new = (sigma_w**2 * both + sigma_b**2) / q_new
    chi = sigma_w**2 * jnp.sum(w * jax.vmap(jax.grad(phi))(u1) ** 2)
    return q_new, c_new, chi

"""Recursion on the segment, differences for derivatives, sums written as matrix products."""

import itertools

import jax.numpy as jnp
import numpy as np


def interpolating_net(x, y):
    """The first unit carries the first slope; second differences by one matrix product."""
    order = np.argsort(np.asarray(x))
    x, y = np.asarray(x, np.float64)[order], np.asarray(y, np.float64)[order]
    slopes = np.divide(y[1:] - y[:-1], x[1:] - x[:-1])
    second = np.eye(len(slopes)) - np.eye(len(slopes), k=-1)
    return ((np.ones((1, len(slopes))), -x[:-1]), ((second @ slopes)[:, None], y[:1]))


def breakpoints(layers, start, end):
    """Cut the segment at the first sign change found in any layer, and solve both halves."""
    layers = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in layers]
    pieces = sorted(_affine_pieces(layers, np.asarray(start, np.float64), np.asarray(end, np.float64), 0.0, 1.0))
    steepest = max(abs(slope) for _, slope in pieces)
    found = []
    for (_, before), (t, after) in itertools.pairwise(pieces):
        if abs(after - before) > 1e-5 * steepest:
            found.append(t)
    return np.array(found)


def _affine_pieces(layers, start, end, a, b):
    """[(left end, slope)] of the pieces of f on a <= t <= b."""
    if b - a < 1e-9:
        return []
    left, right = (1 - a) * start + a * end, (1 - b) * start + b * end
    for W, bias in layers[:-1]:
        left, right = left @ W + bias, right @ W + bias
        tiny = 1e-12 * max(np.abs(left).max(), np.abs(right).max())
        crossing = np.flatnonzero(((left < -tiny) & (right > tiny)) | ((left > tiny) & (right < -tiny)))
        if len(crossing):
            j = crossing[0]
            cut = a + left[j] / (left[j] - right[j]) * (b - a)
            return _affine_pieces(layers, start, end, a, cut) + _affine_pieces(layers, start, end, cut, b)
        left, right = np.maximum(left, 0.0), np.maximum(right, 0.0)
    W, _ = layers[-1]
    return [(a, ((right - left) @ W)[0] / (b - a))]


def sawtooth(k):
    """The mirrored tent, 2 relu(1 - x) - 4 relu(1/2 - x)."""
    out = np.array([[2.0], [-4.0]])
    return [(-np.ones((1, 2)), np.array([1.0, 0.5]))] + [(-out @ np.ones((1, 2)), np.array([1.0, 0.5]))] * (k - 1) + [
        (out, np.zeros(1))
    ]


def free_knots(grid, curvature, pieces):
    """The cumulative integral as a lower triangular matrix, inverted on a finer table."""
    grid, root = np.asarray(grid, np.float64), np.sqrt(np.abs(np.asarray(curvature, np.float64)))
    cells = np.diff(grid) * (root[:-1] + root[1:]) / 2
    F = np.append(0.0, np.tril(np.ones((len(cells), len(cells)))) @ cells)
    table = np.linspace(grid[0], grid[-1], 20001)
    shares = np.interp(table, grid, F) / F[-1]
    knots = [table[np.argmin(np.abs(shares - i / pieces))] for i in range(pieces + 1)]
    return jnp.asarray(knots), jnp.asarray(F[-1] ** 2 / 8 / pieces**2)


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    """Gauss-Legendre panels on both half-lines; phi' by differences."""
    x, weights = np.polynomial.legendre.leggauss(60)
    half, half_weights = 4 * (x + 1), 4 * weights
    z = np.concatenate([-half[::-1], half])
    w = np.concatenate([half_weights[::-1], half_weights]) * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    f = lambda u: np.asarray(phi(jnp.asarray(u)), np.float64)
    u = np.sqrt(q) * z
    slopes = (f(u + 1e-2) - f(u - 1e-2)) / 2e-2
    table = f(np.sqrt(q) * (c * z[:, None] + np.sqrt(1 - c**2) * z))
    q_next = sigma_w**2 * np.dot(w, f(u) ** 2) + sigma_b**2
    return q_next, (sigma_w**2 * (w * f(u)) @ table @ w + sigma_b**2) / q_next, sigma_w**2 * np.dot(w, slopes**2)

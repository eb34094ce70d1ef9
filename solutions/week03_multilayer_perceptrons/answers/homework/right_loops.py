"""Everything in plain loops over lists, networks composed layer by layer."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np


def interpolating_net(x, y):
    pairs = sorted((float(a), float(b)) for a, b in zip(x, y, strict=True))
    biases, weights, slope = [], [], 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(pairs):
        new = (y1 - y0) / (x1 - x0)
        biases.append(-x0)
        weights.append([new - slope])
        slope = new
    return [(jnp.ones((1, len(biases))), jnp.array(biases)), (jnp.array(weights), jnp.array([pairs[0][1]]))]


def breakpoints(layers, start, end):
    """Each unit is a list of (t, value) points; a ReLU inserts its zeros."""
    start, end = [float(v) for v in start], [float(v) for v in end]
    times = [0.0, 1.0]
    units = [list(pair) for pair in zip(start, end, strict=True)]
    for depth, (W, b) in enumerate(layers, start=1):
        W, b = np.asarray(W, np.float64), np.asarray(b, np.float64)
        sums = []
        for j in range(W.shape[1]):
            sums.append([sum(W[i, j] * units[i][p] for i in range(W.shape[0])) + b[j] for p in range(len(times))])
        if depth == len(layers):
            return _corners(times, sums[0])
        new_times = set(times)
        for values in sums:
            for p in range(len(times) - 1):
                a, c = values[p], values[p + 1]
                if (a < 0 < c) or (c < 0 < a):
                    root = times[p] + a / (a - c) * (times[p + 1] - times[p])
                    if all(abs(root - t) > 1e-9 for t in new_times):
                        new_times.add(root)
        old, times = times, sorted(new_times)
        units = [[max(float(np.interp(t, old, values)), 0.0) for t in times] for values in sums]
        units = [[0.0 if abs(v) < 1e-12 else v for v in values] for values in units]


def _corners(times, values):
    slopes = [(values[p + 1] - values[p]) / (times[p + 1] - times[p]) for p in range(len(times) - 1)]
    steepest = max(abs(s) for s in slopes)
    found = [times[p + 1] for p in range(len(slopes) - 1) if abs(slopes[p + 1] - slopes[p]) > 1e-4 * steepest]
    return np.array(found)


def _compose(outer, inner):
    (W1, b1), (W2, b2) = inner[-1], outer[0]
    return [*inner[:-1], (W1 @ W2, b1 @ W2 + b2), *outer[1:]]


def sawtooth(k):
    tent = [(jnp.ones((1, 2)), jnp.array([0.0, -0.5])), (jnp.array([[2.0], [-4.0]]), jnp.zeros(1))]
    net = tent
    for _ in range(k - 1):
        net = _compose(tent, net)
    return net


def free_knots(grid, curvature, pieces):
    grid, density = [float(u) for u in grid], [math.sqrt(abs(float(v))) for v in curvature]
    total, F = 0.0, [0.0]
    for i in range(1, len(grid)):
        total += (grid[i] - grid[i - 1]) * (density[i] + density[i - 1]) / 2
        F.append(total)
    knots, cell = [grid[0]], 1
    for i in range(1, pieces):
        while F[cell] < total * i / pieces:
            cell += 1
        share = (total * i / pieces - F[cell - 1]) / (F[cell] - F[cell - 1])
        knots.append(grid[cell - 1] + share * (grid[cell] - grid[cell - 1]))
    return jnp.array([*knots, grid[-1]]), total**2 / (8 * pieces**2)


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    weights = weights / weights.sum()
    z, w, root = jnp.asarray(nodes), jnp.asarray(weights), math.sqrt(q)
    square, slope, product = 0.0, 0.0, 0.0
    slopes, values = jax.vmap(jax.grad(phi))(root * z), phi(root * z)
    for i in range(64):
        square += weights[i] * float(values[i]) ** 2
        slope += weights[i] * float(slopes[i]) ** 2
        inner = w @ phi(root * (c * nodes[i] + math.sqrt(1 - c * c) * z))
        product += weights[i] * float(values[i]) * float(inner)
    q_next = sigma_w**2 * square + sigma_b**2
    return q_next, (sigma_w**2 * product + sigma_b**2) / q_next, sigma_w**2 * slope

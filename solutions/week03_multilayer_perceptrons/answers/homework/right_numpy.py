"""NumPy and SciPy in float64: linear systems, a walk along the segment, fine grids."""

import jax
import numpy as np
from scipy.integrate import cumulative_trapezoid


def interpolating_net(x, y):
    """Solve for the output weights: one equation for each knot."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    kinks = np.sort(x)[:-1]
    design = np.column_stack([np.maximum(x[:, None] - kinks, 0.0), np.ones(len(x))])
    solution = np.linalg.solve(design, y)
    return [(np.ones((1, len(kinks))), -kinks), (solution[:-1, None], solution[-1:])]


def breakpoints(layers, start, end):
    """Walk: the network is affine up to the next sign change of a pre-activation; step just past it."""
    layers = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in layers]
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    position, times, slopes = 0.0, [], []
    while position < 1.0:
        value, slope = start, end - start  # pre-activations are value + t * slope in the current piece
        crossings, probe = [1.0], position + 1e-7
        for W, b in layers[:-1]:
            value, slope = value @ W + b, slope @ W
            moving = slope != 0
            roots = -value[moving] / slope[moving]
            crossings.extend(roots[roots > probe])
            on = value + probe * slope > 0
            value, slope = value * on, slope * on
        slopes.append((slope @ layers[-1][0])[0])
        position = min(crossings)
        times.append(position)
    slopes = np.array(slopes)
    return np.array(times[:-1])[np.abs(np.diff(slopes)) > 1e-5 * np.abs(slopes).max()]


def sawtooth(k):
    """The tent as 1 - relu(2x - 1) - relu(1 - 2x)."""
    first, shift = np.array([[2.0, -2.0]]), np.array([-1.0, 1.0])
    out, one = -np.ones((2, 1)), np.ones(1)
    return [(first, shift)] + [(out @ first, one @ first + shift) for _ in range(k - 1)] + [(out, one)]


def free_knots(grid, curvature, pieces):
    grid = np.asarray(grid, np.float64)
    F = cumulative_trapezoid(np.abs(np.asarray(curvature, np.float64)) ** 0.5, grid, initial=0.0)
    return np.interp(np.arange(pieces + 1) / pieces * F[-1], F, grid), (F[-1] / pieces) ** 2 / 8


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    """The trapezoidal rule on an even number of points, so that 0 is not among them."""
    z = np.linspace(-7.0, 7.0, 280)
    w = np.exp(-(z**2) / 2)
    w /= w.sum()
    u = np.sqrt(q) * z
    values = np.asarray(phi(u), np.float64)
    other = np.asarray(phi(c * u[:, None] + np.sqrt(1 - c**2) * u), np.float64)
    slopes = np.asarray(jax.vmap(jax.grad(phi))(u), np.float64)
    q_next = sigma_w**2 * (w @ values**2) + sigma_b**2
    c_next = (sigma_w**2 * ((w * values) @ other @ w) + sigma_b**2) / q_next
    return q_next, c_next, sigma_w**2 * (w @ slopes**2)

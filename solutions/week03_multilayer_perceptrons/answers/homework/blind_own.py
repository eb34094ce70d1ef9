"""Style: own - units looking both ways from a middle knot, event-driven walk, other tent, polar quadrature under jit.

Blind solve of the week-3 homework from the student notebook alone.
"""
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np


def interpolating_net(x, y):
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    x, y = x[(o := np.argsort(x))], y[o]
    s = np.diff(y) / np.diff(x)
    m = len(s) // 2  # anchor knot: everything is built outwards from (x_m, y_m)
    right = [(+1.0, x[i], s[i] - (s[i - 1] if i > m else 0.0)) for i in range(m, len(s))]
    left = [(-1.0, x[i + 1], (s[i + 1] if i + 1 < m else 0.0) - s[i]) for i in range(m)]
    units = [u for u in left + right if u[2] != 0.0] or [(1.0, x[0], 0.0)]
    side, knot, change = map(np.array, zip(*units))
    r = np.sqrt(np.abs(change)) + (change == 0)  # balanced: both layers carry sqrt|change|
    arrays = (side * r)[None], -side * r * knot, (change / r)[:, None], y[m : m + 1]
    W1, b1, W2, b2 = (jnp.asarray(a, jnp.float32) for a in arrays)
    return [(W1, b1), (W2, b2)]


def breakpoints(layers, start, end):
    """Walk along the segment from event to event; never build the pieces of a layer."""
    net = [tuple(np.asarray(a, np.float64) for a in layer) for layer in layers]
    x0, x1 = np.asarray(start, np.float64), np.asarray(end, np.float64)
    eps = 1e-10

    def look(t):
        """Next event after t, and (slope, size of its terms) of the output just after t."""
        line = np.stack([x0, x1 - x0])  # rows: constant, coefficient of t
        events = [1.0]
        for W, b in net[:-1]:
            line = line @ W
            line[0] += b
            with np.errstate(divide="ignore", invalid="ignore"):
                roots = -line[0] / line[1]
            events.append(np.min(roots, initial=1.0, where=roots > t))
            line = line * (line[0] + t * line[1] > 0)
        w = net[-1][0][:, 0]
        return min(events), line[1] @ w, np.abs(line[1]) @ np.abs(w)

    places, slopes, sizes, t = [0.0], [], [], 0.0
    while True:
        t, slope, size = look(places[-1] + eps)
        slopes.append(slope)
        sizes.append(size)
        if t >= 1.0 - eps:
            break
        places.append(t)
    slopes = np.array(slopes)
    floor = max(3e-5 * np.abs(slopes).max(), 1e-11 * max(sizes))
    return np.array(places[1:])[np.abs(np.diff(slopes)) > floor]


def sawtooth(k):
    # T(x) = 1 - relu(2x - 1) - relu(1 - 2x)
    sign = jnp.array([1.0, -1.0])
    enter = (2.0 * sign[None], -sign)
    fold = (-2.0 * jnp.ones((2, 1)) * sign[None], sign)
    leave = (-jnp.ones((2, 1)), jnp.ones(1))
    return [enter, *[fold] * (k - 1), leave]


def free_knots(grid, curvature, pieces):
    u = np.asarray(grid, np.float64)
    density = np.abs(np.asarray(curvature, np.float64)) ** 0.5
    F = np.r_[0.0, np.add.accumulate(np.convolve(density, [0.5, 0.5], "valid") * np.diff(u))]
    goal = F[-1] * np.arange(1, pieces) / pieces
    i = np.clip(np.searchsorted(F, goal) - 1, 0, len(u) - 2)
    inner = u[i] + (goal - F[i]) * np.diff(u)[i] / np.diff(F)[i]
    knots = jnp.asarray(np.concatenate([u[:1], inner, u[-1:]]), jnp.float32)
    return knots, jnp.float32((F[-1] / pieces) ** 2 / 8)


@partial(jax.jit, static_argnums=0)
def mean_field_step(phi, q, c, sigma_w, sigma_b):
    # Two dimensions in polar coordinates (midpoint rule in the angle, Simpson-free midpoint in the radius); one on a line.
    radius = (jnp.arange(400) + 0.5) * (7.0 / 400)
    angle = (jnp.arange(360) + 0.5) * (2 * jnp.pi / 360)
    w_radius = radius * jnp.exp(-0.5 * radius**2)
    w_radius = w_radius / w_radius.sum()
    alpha = jnp.arccos(jnp.clip(c, -1.0, 1.0))  # u1 and u2 are the same vector seen from two directions
    see = lambda direction: phi(jnp.sqrt(q) * radius[:, None] * jnp.cos(angle - direction)[None])
    product = jnp.einsum("r,ra,ra->", w_radius, see(0.0), see(alpha)) / angle.size

    line = (jnp.arange(4000) - 1999.5) * (16.0 / 4000)
    w_line = jnp.exp(-0.5 * line**2)
    w_line = w_line / w_line.sum()
    value, slope = jax.vmap(jax.value_and_grad(phi))(jnp.sqrt(q) * line)
    q_new = sigma_w**2 * (w_line @ value**2) + sigma_b**2
    return q_new, (sigma_w**2 * product + sigma_b**2) / q_new, sigma_w**2 * (w_line @ slope**2)

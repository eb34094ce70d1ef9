"""Loops and recursion over containers and numbers, lists as results, directional derivatives by linearize."""

import cmath
import math

import jax
import jax.numpy as jnp
import numpy as np


def walk(function, first, *others):
    """The function applied to the leaves of nests of dictionaries, lists and tuples."""
    if isinstance(first, dict):
        return {name: walk(function, first[name], *(o[name] for o in others)) for name in first}
    if isinstance(first, (list, tuple)):
        return type(first)(walk(function, *items) for items in zip(first, *others, strict=True))
    return function(first, *others)


def momentum_step(params, velocity, grads, eta, beta, kind):
    if kind == "nesterov":
        # Through the two sequences: x_t from y_t, the step, and the next look-ahead.
        x = walk(lambda y, v: y + eta * beta * v, params, velocity)
        new = walk(lambda y, g: y - eta * g, params, grads)
        return walk(lambda a, b: a + beta * (a - b), new, x), walk(lambda a, b: (b - a) / eta, new, x)
    share = 1 if kind == "heavy_ball" else 1 - beta
    velocity = walk(lambda v, g: v + (beta - 1) * v + share * g, velocity, grads)
    return walk(lambda p, v: p - eta * v, params, velocity), velocity


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    t = state[0] + 1
    m = walk(lambda m, g: m + (1 - b1) * (g - m), state[1], grads)
    n = walk(lambda n, g: n + (1 - b2) * (jnp.square(g) - n), state[2], grads)
    before = walk(lambda p: p - lr * weight_decay * p, params)
    rate = lr * jnp.sqrt(1 - b2**t) / (1 - b1**t)
    return walk(lambda p, m, n: p - rate * m / (jnp.sqrt(n) + eps * jnp.sqrt(1 - b2**t)), before, m, n), [t, m, n]


def step_radius(x, beta, kind):
    radii = []
    for value in np.asarray(x).tolist():
        if kind == "nesterov":
            M = [[1 - (1 + beta) * value, -beta * beta], [value, beta]]
        else:
            gain = value if kind == "heavy_ball" else (1 - beta) * value
            M = [[1 - gain, -beta], [gain, beta]]
        half = (M[0][0] + M[1][1]) / 2
        root = cmath.sqrt(half**2 - (M[0][0] * M[1][1] - M[0][1] * M[1][0]))
        radii.append(max(abs(half + root), abs(half - root)))
    return radii


def stability_edge(beta, kind):
    x = 0.0
    for step in (1.0, 0.1, 0.01, 0.001, 0.0001):
        while step_radius([x + step], beta, kind)[0] <= 1 + 1e-9:
            x += step
    return x


def hessian_vector(loss, params, vector):
    return jax.linearize(jax.grad(loss), params)[1](vector)


def ritz_extremes(matvec, start, steps):
    q = np.asarray(start, np.float64)
    basis, T = [q / math.sqrt(q @ q)], np.zeros((0, 0))
    for _ in range(steps):
        image = np.asarray(matvec(jnp.asarray(basis[-1], jnp.float32)), np.float64)
        column = [b @ image for b in basis]
        k = len(basis)
        bigger = np.zeros((k, k))
        bigger[: k - 1, : k - 1] = T
        bigger[:, k - 1] = bigger[k - 1, :] = column
        T = bigger
        rest = image
        for _ in range(2):
            for b in basis:
                rest = rest - (b @ rest) * b
        if math.sqrt(rest @ rest) <= 1e-5 * math.sqrt(image @ image) or k == len(q):
            break
        basis.append(rest / math.sqrt(rest @ rest))
    values = sorted(np.linalg.eigvalsh(T).tolist())
    return [values[0], values[-1]]


def gradient_flow(gradient, w, time, steps):
    tableau = ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0))
    h = time / steps
    for _ in range(steps):
        slopes = []
        for row in tableau:
            at = w
            for a, k in zip(row, slopes, strict=True):
                at = at - h * a * k
            slopes.append(gradient(at))
        for share, k in zip((1, 2, 2, 1), slopes, strict=True):
            w = w - h * share / 6 * k
    return w


def modified_gradient(loss, w, eta):
    slope, along = jax.linearize(jax.grad(loss), w)
    return slope + 0.5 * eta * along(slope)


def preconditioned(matvec, second_moment, count, b2, eps):
    scale = [1 / math.sqrt(math.sqrt(float(n) / (1 - b2 ** int(count))) + eps) for n in second_moment]

    def operator(u):
        image = matvec(jnp.array([s * float(x) for s, x in zip(scale, u, strict=True)]))
        return [s * float(x) for s, x in zip(scale, image, strict=True)]

    return operator

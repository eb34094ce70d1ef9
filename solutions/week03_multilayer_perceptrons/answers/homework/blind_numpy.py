"""Style: plain NumPy with loops; NumPy arrays and Python floats come back.

Blind solve of the week-3 homework from the student notebook alone.
"""
import math

import jax
import numpy as np


def interpolating_net(x, y):
    points = sorted(zip(np.asarray(x, float).tolist(), np.asarray(y, float).tolist()))
    n = len(points)
    W1, b1 = np.ones((1, n - 1)), np.zeros(n - 1)
    W2, b2 = np.zeros((n - 1, 1)), np.array([points[0][1]])
    previous = 0.0
    for i in range(n - 1):
        slope = (points[i + 1][1] - points[i][1]) / (points[i + 1][0] - points[i][0])
        b1[i] = -points[i][0]
        W2[i, 0] = slope - previous
        previous = slope
    return [(W1, b1), (W2, b2)]


def breakpoints(layers, start, end):
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    # On each piece (lo, hi): the layer's input is p + t * v.
    pieces = [(0.0, 1.0, start, end - start)]
    for W, b in layers[:-1]:
        W, b = np.asarray(W, np.float64), np.asarray(b, np.float64)
        finer = []
        for lo, hi, p, v in pieces:
            zp, zv = p @ W + b, v @ W
            cuts = [lo]
            roots = [-zp[j] / zv[j] for j in range(len(zp)) if zv[j] != 0.0]
            for r in sorted(roots):
                if r > cuts[-1] + 1e-10 and r < hi - 1e-10:
                    cuts.append(float(r))
            cuts.append(hi)
            for left, right in zip(cuts[:-1], cuts[1:]):
                on = zp + 0.5 * (left + right) * zv > 0
                finer.append((left, right, np.where(on, zp, 0.0), np.where(on, zv, 0.0)))
        pieces = finer
    W = np.asarray(layers[-1][0], np.float64)[:, 0]
    slopes = [float(v @ W) for _, _, _, v in pieces]
    size = max(float(np.abs(v) @ np.abs(W)) for _, _, _, v in pieces)
    tolerance = max(1e-5 * max(abs(s) for s in slopes), 1e-12 * size)
    found = []
    for i in range(1, len(pieces)):
        if abs(slopes[i] - slopes[i - 1]) > tolerance:
            found.append(pieces[i][0])
    return np.array(found, dtype=np.float64)


def sawtooth(k):
    first = (np.array([[2.0, 2.0]]), np.array([0.0, -1.0]))  # relu(2x), relu(2x - 1): T = h1 - 2 h2
    middle = (np.array([[2.0, 2.0], [-4.0, -4.0]]), np.array([0.0, -1.0]))
    last = (np.array([[1.0], [-2.0]]), np.array([0.0]))
    layers = [first]
    for _ in range(k - 1):
        layers.append(middle)
    layers.append(last)
    return layers


def free_knots(grid, curvature, pieces):
    u, g2 = np.asarray(grid, np.float64), np.asarray(curvature, np.float64)
    F = [0.0]
    for i in range(len(u) - 1):
        F.append(F[-1] + 0.5 * (math.sqrt(abs(g2[i])) + math.sqrt(abs(g2[i + 1]))) * (u[i + 1] - u[i]))
    knots = [float(u[0])]
    j = 0
    for i in range(1, pieces):
        target = F[-1] * i / pieces
        while F[j + 1] < target:
            j += 1
        knots.append(u[j] + (target - F[j]) / (F[j + 1] - F[j]) * (u[j + 1] - u[j]))
    knots.append(float(u[-1]))
    return np.array(knots), F[-1] ** 2 / (8 * pieces**2)


def mean_field_step(phi, q, c, sigma_w, sigma_b):
    nodes, weights = np.polynomial.hermite_e.hermegauss(64)
    weights = weights / math.sqrt(2 * math.pi)
    slope = jax.grad(phi)
    rest = math.sqrt(max(0.0, 1.0 - c * c))
    mean_square = mean_product = mean_slope = 0.0
    for a, wa in zip(nodes, weights):
        u1 = math.sqrt(q) * a
        p1 = float(phi(u1))
        mean_square += wa * p1**2
        mean_slope += wa * float(slope(u1)) ** 2
        u2 = math.sqrt(q) * (c * a + rest * nodes)
        mean_product += wa * p1 * float(np.sum(weights * np.asarray(phi(u2), np.float64)))
    q_new = sigma_w**2 * mean_square + sigma_b**2
    return float(q_new), float((sigma_w**2 * mean_product + sigma_b**2) / q_new), float(sigma_w**2 * mean_slope)

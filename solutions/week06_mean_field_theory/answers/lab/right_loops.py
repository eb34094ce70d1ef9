"""Plain Python loops, one particle, point or layer at a time; derivatives by hand."""

import math

import jax
import jax.numpy as jnp
import numpy as np


def mean_field_network(masses, a, w, x, phi):
    outputs = []
    for point in np.asarray(x, np.float64):
        total = 0.0
        for mass, weight, direction in zip(masses, a, np.asarray(w, np.float64), strict=True):
            total += float(mass) * float(weight) * float(phi(jnp.float32(direction @ point)))
        outputs.append(total)
    return outputs


def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    outputs = mean_field_network(masses, a, w, x, phi)
    found = []
    for one_a, one_w in zip(probe_a, np.asarray(probe_w, np.float64), strict=True):
        terms = [
            (out - float(target)) * float(one_a) * float(phi(jnp.float32(one_w @ point)))
            for out, target, point in zip(outputs, y, np.asarray(x, np.float64), strict=True)
        ]
        found.append(sum(terms) / len(terms))
    return found


def velocity(masses, a, w, x, y, phi):
    outputs = mean_field_network(masses, a, w, x, phi)
    slope = jax.grad(lambda z: phi(z))
    x = np.asarray(x, np.float64)
    va, vw = np.zeros(len(a)), np.zeros(np.shape(w))
    for j, point in enumerate(x):
        pull = (float(y[j]) - outputs[j]) / len(x)
        for i in range(len(a)):
            z = jnp.float32(np.asarray(w[i], np.float64) @ point)
            va[i] += pull * float(phi(z))
            vw[i] += pull * float(a[i]) * float(slope(z)) * point
    return va, vw


def monotone_plan(x, mu, y, nu):
    """Two pointers that walk up both lists (the north-west corner rule)."""
    plan = np.zeros((len(x), len(y)))
    rows, columns = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    i = j = 0
    left, right = float(mu[rows[0]]), float(nu[columns[0]])
    while True:
        moved = min(left, right)
        plan[rows[i], columns[j]] += moved
        left, right = left - moved, right - moved
        if left <= right:
            i += 1
            if i == len(x):
                return plan
            left += float(mu[rows[i]])
        else:
            j += 1
            if j == len(y):
                return plan
            right += float(nu[columns[j]])


def wasserstein_1d(x, mu, y, nu, p):
    plan = monotone_plan(x, mu, y, nu)
    total = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            if plan[i, j] > 0:
                total += plan[i, j] * abs(float(x[i]) - float(y[j])) ** p
    return total ** (1.0 / p)


def softmin(values, weights, eps):
    """-eps log of the weighted sum of e^(-value/eps), from the smallest value with a weight."""
    lowest = min(v for v, m in zip(values, weights, strict=True) if m > 0)
    total = sum(m * math.exp((lowest - v) / eps) for v, m in zip(values, weights, strict=True) if m > 0)
    return lowest - eps * math.log(total)


def sinkhorn(cost, mu, nu, eps, rounds):
    cost = np.asarray(cost, np.float64).tolist()
    mu, nu, eps = np.asarray(mu, np.float64).tolist(), np.asarray(nu, np.float64).tolist(), float(eps)
    g = [0.0] * len(nu)
    for _ in range(int(rounds)):
        f = [softmin([c - v for c, v in zip(row, g, strict=True)], nu, eps) for row in cost]
        g = [softmin([row[j] - u for row, u in zip(cost, f, strict=True)], mu, eps) for j in range(len(nu))]
    return f, g


def entropic_plan(cost, mu, nu, eps, f, g):
    rows = []
    for i in range(len(mu)):
        row = []
        for j in range(len(nu)):
            row.append(float(mu[i]) * float(nu[j]) * math.exp((float(f[i]) + float(g[j]) - float(cost[i][j])) / float(eps)))
        rows.append(row)
    return rows


def entropic_value(cost, mu, nu, eps, plan):
    total = 0.0
    for i in range(len(mu)):
        for j in range(len(nu)):
            share = float(plan[i][j])
            if share > 0:
                total += share * float(cost[i][j]) + float(eps) * share * math.log(share / (float(mu[i]) * float(nu[j])))
    return total


def divergence_velocity(x, y, plan_xy, plan_xx):
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    out = np.zeros_like(x)
    for i in range(len(x)):
        mass, slope = 0.0, np.zeros(x.shape[1])
        for j in range(len(y)):
            mass += float(plan_xy[i][j])
            slope += 2 * float(plan_xy[i][j]) * (x[i] - y[j])
        for k in range(len(x)):
            slope -= 2 * float(plan_xx[i][k]) * (x[i] - x[k])
        out[i] = -slope / mass
    return out


def spectral_scales(widths, optimizer):
    sigmas, etas = [], []
    for level in range(1, len(widths)):
        before, after = float(widths[level - 1]), float(widths[level])
        sigmas.append(math.sqrt(after / before) / (math.sqrt(after) + math.sqrt(before)))
        etas.append(after / before if optimizer == "sgd" else 1 / before)
    return sigmas, etas


def coordinate_check(weights, rates, x, y, phi):
    """Backpropagation, one example after the other."""
    slope = jax.vmap(jax.grad(lambda z: phi(z)))
    depth, x, y = len(weights), np.asarray(x, np.float64), np.asarray(y, np.float64)
    old = [np.asarray(W, np.float64) for W in weights]

    def forward(layers, point):
        signals, pre = [point], []
        for level, W in enumerate(layers):
            pre.append(W @ signals[-1])
            signals.append(np.asarray(phi(jnp.asarray(pre[-1], jnp.float32)), np.float64) if level < depth - 1 else pre[-1])
        return signals, pre

    gradients = [np.zeros_like(W) for W in old]
    for point, target in zip(x, y, strict=True):
        signals, pre = forward(old, point)
        delta = (pre[-1] - target) / len(x)
        for level in range(depth - 1, -1, -1):
            gradients[level] += np.outer(delta, signals[level])
            if level > 0:
                delta = (old[level].T @ delta) * np.asarray(slope(jnp.asarray(pre[level - 1], jnp.float32)), np.float64)
    new = [W - float(eta) * G for W, eta, G in zip(old, rates, gradients, strict=True)]
    own, total = np.zeros(depth), np.zeros(depth)
    for point in x:
        signals, before = forward(old, point)
        _, after = forward(new, point)
        for level in range(depth):
            own[level] += np.mean(((new[level] - old[level]) @ signals[level]) ** 2) / len(x)
            total[level] += np.mean((after[level] - before[level]) ** 2) / len(x)
    return np.sqrt(own), np.sqrt(total)

"""JAX in float32 where it is accurate enough, automatic differentiation for the gradients, scans for the recursions."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special


def gd_iterate(H, b, w0, eta, steps):
    curvature, V = np.linalg.eigh(np.asarray(H, np.float64))
    modes, push = np.asarray(w0, np.float64) @ V, V.T @ np.asarray(b, np.float64)
    out = []
    for c, m, p in zip(curvature, modes.T, push, strict=True):
        if abs(c) < 1e-9:
            out.append(m + eta * steps * p)
        else:
            out.append(p / c + (1 - eta * c) ** steps * (m - p / c))
    return (V @ np.array(out)).T


def backward_rate(lam, eta, order):
    if order is None:
        if eta * lam >= 1:
            raise ValueError("no flow: eta lam >= 1")
        return -jnp.log1p(-eta * lam) / eta
    j = jnp.arange(1, order + 1)
    return jnp.sum(jnp.power(eta * lam, j) / j) / eta


def best_heavy_ball(low, high):
    a, b = jnp.sqrt(low), jnp.sqrt(high)
    q = (b - a) / (b + a)
    return 4 / (a + b) ** 2, q**2, q


def sgd_mean_squares(lam, sigma, etas, w0):
    def step(carry, eta):
        mean, total, cov = carry
        A = jnp.array([[1 - eta * lam, 0.0], [1 - eta * lam, 1.0]])
        mean = A @ mean
        cov = A @ cov @ A.T + (eta * sigma) ** 2
        return (mean, total, cov), None

    start = (jnp.array([w0, 0.0]), 0.0, jnp.zeros((2, 2)))
    (mean, _, cov), _ = jax.lax.scan(step, start, jnp.asarray(etas))
    moment = cov + jnp.outer(mean, mean)
    return moment[0, 0], moment[1, 1] / len(etas) ** 2


def nesterov_iterates(lam, s, steps, r):
    def step(carry, k):
        x, y = carry
        new = (1 - s * lam) * y
        return (new, new + (k - 1) / (k + r - 1) * (new - x)), new

    _, path = jax.lax.scan(step, (jnp.float32(1.0), jnp.float32(1.0)), jnp.arange(1.0, steps + 1.0))
    return jnp.concatenate([jnp.ones(1), path])


def friction_flow(lam, r, t):
    nu = (r - 1) / 2
    z = np.maximum(np.sqrt(lam) * np.asarray(t, np.float64), 1e-5)
    return jnp.asarray(np.exp(scipy.special.gammaln(nu + 1) + nu * np.log(2 / z)) * scipy.special.jv(nu, z))


def mode_strength(s, a0, t):
    s = jnp.asarray(s)
    safe = jnp.where(s > 0, s, 1.0)
    return jnp.where(s > 0, safe / (1 + (safe / a0 - 1) * jnp.exp(-2 * safe * t)), a0 / (1 + 2 * a0 * t))


def learned_map(Y, a0, t):
    U, s, V = jnp.linalg.svd(Y, full_matrices=False)
    return (U * mode_strength(jnp.where(s > 1e-6 * s[0], s, 0.0), a0, t)) @ V


def learning_time(s, a0, a, depth):
    """Trapezoids in log(a / (s - a)), in which the curve of two layers is a straight line."""
    y = np.linspace(np.log(a0 / (s - a0)), np.log(a / (s - a)), 20_001)
    strength = s / (1 + np.exp(-y))
    slowness = strength * (s - strength) / s / (depth * strength ** (2 - 2 / depth) * (s - strength))
    return np.trapezoid(slowness, y)


def imbalances(weights):
    return [jnp.einsum("ij,ik->jk", b, b) - jnp.einsum("ij,kj->ik", a, a) for a, b in zip(weights[:-1], weights[1:], strict=True)]


def imbalance_change(weights, x, y, eta):
    def loss(weights):
        out = x
        for W in weights:
            out = out @ W.T
        return jnp.sum((out - y) ** 2) / (2 * len(x))

    return [eta**2 * np.asarray(D, np.float64) for D in imbalances(jax.grad(loss)(list(weights)))]

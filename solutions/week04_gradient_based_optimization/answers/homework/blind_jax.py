"""Week 4 homework, solved by a stranger from the notebook alone: idiomatic JAX."""

"""Week 4 homework. JAX where float32 is good enough or a local x64 scan / grad is natural; NumPy float64 for the rest."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jax import lax


# 4.1 -----------------------------------------------------------------------------------------------------------------


def gd_iterate(H, b, w0, eta, steps):
    H, b, w0 = (np.asarray(v, np.float64) for v in (H, b, w0))
    eta, steps = float(eta), int(steps)
    lam, Q = np.linalg.eigh(H)
    flat = lam <= 1e-6 * lam.max()
    x = np.where(flat, 0.0, eta * lam)
    power = (1 - x) ** steps
    small = x < 0.5  # there 1 - r^k without cancellation
    one_minus = np.where(small, -np.expm1(steps * np.log1p(-np.where(small, x, 0.0))), 1 - power)
    gain = np.where(flat, eta * steps, one_minus / np.where(flat, 1.0, lam))
    return ((w0 @ Q) * power + gain * (b @ Q)) @ Q.T


def backward_rate(lam, eta, order):
    lam, eta = float(lam), float(eta)
    x = eta * lam
    if order is None:
        if x >= 1:
            raise ValueError(f"eta * lam = {x} >= 1: no flow changes sign or arrives in finite time")
        return -math.log1p(-x) / eta
    j = jnp.arange(order)
    return lam * jnp.sum(jnp.asarray(x) ** j / (j + 1))


def best_heavy_ball(low, high):
    root_low, root_high = jnp.sqrt(low), jnp.sqrt(high)
    factor = (root_high - root_low) / (root_high + root_low)
    return 4 / (root_high + root_low) ** 2, factor**2, factor


# 4.2 -----------------------------------------------------------------------------------------------------------------


def sgd_mean_squares(lam, sigma, etas, w0):
    # Backwards in k: P = d w_n / d w_{k+1}, 1 + T = d S_n / d w_{k+1}; the noise of step k enters by -eta_k sigma times these.
    def step(carry, eta):
        P, T = carry
        a = 1 - lam * eta
        return (P * a, a * (1 + T)), (eta * P, eta * (1 + T))

    with jax.enable_x64(True):
        etas = jnp.asarray(np.asarray(etas, np.float64))
        (P, T), (to_w, to_S) = lax.scan(step, (jnp.float64(1), jnp.float64(0)), etas, reverse=True)
        last = (P * w0) ** 2 + sigma**2 * jnp.sum(to_w**2)
        mean = ((T * w0) ** 2 + sigma**2 * jnp.sum(to_S**2)) / len(etas) ** 2
        return float(last), float(mean)


# 4.3 -----------------------------------------------------------------------------------------------------------------


def nesterov_iterates(lam, s, steps, r):
    def step(carry, k):
        x, y = carry
        new = y - s * lam * y
        return (new, new + (k - 1) / (k + r - 1) * (new - x)), new

    with jax.enable_x64(True):
        one = jnp.float64(1)
        _, path = lax.scan(step, (one, one), jnp.arange(1, steps + 1, dtype=jnp.float64))
        return np.concatenate([[1.0], np.asarray(path)])


def friction_flow(lam, r, t):
    z = np.sqrt(lam) * np.asarray(t, np.float64)
    return scipy.special.hyp0f1((r + 1) / 2, -(z**2) / 4)  # = Gamma(nu + 1) (2 / z)^nu J_nu(z), nu = (r - 1) / 2, also at 0


# 4.4 -----------------------------------------------------------------------------------------------------------------


def _strength(xp, s, a0, t):
    """1/a is linear: d(1/a)/dt = 2 - 2 s / a. A sum of positive terms, so nothing cancels, in float32 neither."""
    rate = xp.where(s > 0, s, 1)
    return 1 / (xp.exp(-2 * s * t) / a0 + xp.where(s > 0, -xp.expm1(-2 * s * t) / rate, 2 * t))


def mode_strength(s, a0, t):
    return _strength(jnp, jnp.asarray(s), a0, t)


def learned_map(Y, a0, t):
    # float64: the entries may be compared to 2 a0 = 2e-6, and a small mode grows as exp(2 s t) with s from the SVD.
    U, s, Vt = np.linalg.svd(np.asarray(Y, np.float64), full_matrices=False)
    return U * _strength(np, np.where(s < 1e-6 * s[0], 0.0, s), a0, t) @ Vt


def learning_time(s, a0, a, depth):
    # With y = log(a / (s - a)) the time is the integral of a^(2/N - 1) dy / (N s): smooth, so Gauss-Legendre.
    start, length = math.log(a0 / (s - a0)), math.log1p(s * (a - a0) / (a0 * (s - a)))
    nodes, weights = np.polynomial.legendre.leggauss(64)
    strength = s * jax.nn.sigmoid(jnp.asarray(start + length * (nodes + 1) / 2))
    return length / (2 * depth * s) * jnp.sum(jnp.asarray(weights) * strength ** (2 / depth - 1))


# 4.5 -----------------------------------------------------------------------------------------------------------------


def _float64(arrays):
    return [np.asarray(v, np.float64) for v in arrays]


def imbalances(weights):
    weights = _float64(weights)
    return [after.T @ after - before @ before.T for before, after in zip(weights[:-1], weights[1:])]


def imbalance_change(weights, x, y, eta):
    # The terms linear in eta cancel (W_{l+1}^T G_{l+1} = G_l W_l^T); left is eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T).
    def loss(weights, x, y):
        for W in weights:
            x = x @ W.T
        return jnp.sum((y - x) ** 2) / (2 * len(y))

    with jax.enable_x64(True):
        grads = jax.grad(loss)([jnp.asarray(W) for W in _float64(weights)], *map(jnp.asarray, _float64([x, y])))
        return [eta**2 * D for D in imbalances(grads)]

"""Week 6 lab, solved by a stranger from the notebook alone: NumPy and loops."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Float


def mean_field_network(
    masses: Float[Array, " n"], a: Float[Array, " n"], w: Float[Array, "n d"], x: Float[Array, "m d"], phi: Callable
) -> Float[Array, " m"]:
    """The outputs of the network for all inputs."""
    masses, a, w, x = (np.asarray(v, float) for v in (masses, a, w, x))
    active = np.asarray(phi(jnp.asarray(x @ w.T)), float)  # (m, n)
    out = np.zeros(len(x))
    for i in range(len(a)):
        out += masses[i] * a[i] * active[:, i]
    return out


def first_variation(
    masses: Float[Array, " n"],
    a: Float[Array, " n"],
    w: Float[Array, "n d"],
    x: Float[Array, "m d"],
    y: Float[Array, " m"],
    phi: Callable,
    probe_a: Float[Array, " k"],
    probe_w: Float[Array, "k d"],
) -> Float[Array, " k"]:
    """The first variation of the risk at the places of k probes."""
    x, y, probe_a, probe_w = (np.asarray(v, float) for v in (x, y, probe_a, probe_w))
    residual = mean_field_network(masses, a, w, x, phi) - y
    active = np.asarray(phi(jnp.asarray(x @ probe_w.T)), float)  # (m, k)
    V = np.zeros(len(probe_a))
    for k in range(len(probe_a)):
        V[k] = probe_a[k] * np.sum(residual * active[:, k]) / len(x)
    return V


def velocity(
    masses: Float[Array, " n"],
    a: Float[Array, " n"],
    w: Float[Array, "n d"],
    x: Float[Array, "m d"],
    y: Float[Array, " m"],
    phi: Callable,
) -> tuple[Float[Array, " n"], Float[Array, "n d"]]:
    """The velocity of every particle in the Wasserstein gradient flow of the risk, also of those without mass."""
    masses, a, w, x, y = (np.asarray(v, float) for v in (masses, a, w, x, y))
    residual = mean_field_network(masses, a, w, x, phi) - y
    z = jnp.asarray(x @ w.T)
    active = np.asarray(phi(z), float)
    slope = np.asarray(jax.grad(lambda u: jnp.sum(phi(u)))(z), float)
    va, vw = np.zeros(len(a)), np.zeros(w.shape)
    for i in range(len(a)):
        va[i] = -np.sum(residual * active[:, i]) / len(x)
        vw[i] = -a[i] * (residual * slope[:, i]) @ x / len(x)
    return va, vw


def monotone_plan(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"]
) -> Float[Array, "n m"]:
    """The plan that never crosses."""
    x, mu, y, nu = (np.asarray(v, float) for v in (x, mu, y, nu))
    rows, columns = np.argsort(x), np.argsort(y)
    plan = np.zeros((len(x), len(y)))
    i, j = 0, 0
    left_i, left_j = mu[rows[0]], nu[columns[0]]
    while True:
        moved = min(left_i, left_j)
        plan[rows[i], columns[j]] += moved
        left_i -= moved
        left_j -= moved
        if left_i <= left_j:  # this point of x is used up
            i += 1
            if i == len(x):
                return plan
            left_i = mu[rows[i]]
        else:
            j += 1
            if j == len(y):
                return plan
            left_j = nu[columns[j]]


def wasserstein_1d(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"], p: float
) -> Float[Array, ""]:
    """The distance W_p of two discrete measures on a line."""
    plan = monotone_plan(x, mu, y, nu)
    x, y = np.asarray(x, float), np.asarray(y, float)
    price = 0.0
    for i in range(len(x)):
        price += np.sum(plan[i] * np.abs(x[i] - y) ** p)
    return price ** (1 / p)


def sinkhorn(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, rounds: int
) -> tuple[Float[Array, " n"], Float[Array, " m"]]:
    """Sinkhorn's algorithm for the potentials."""
    cost, mu, nu = (np.asarray(v, float) for v in (cost, mu, nu))
    g = np.zeros(len(nu))
    for _ in range(rounds):
        f = -eps * scipy.special.logsumexp((g[None, :] - cost) / eps, axis=1, b=nu[None, :])
        g = -eps * scipy.special.logsumexp((f[:, None] - cost) / eps, axis=0, b=mu[:, None])
    return f, g


def entropic_plan(
    cost: Float[Array, "n m"],
    mu: Float[Array, " n"],
    nu: Float[Array, " m"],
    eps: float,
    f: Float[Array, " n"],
    g: Float[Array, " m"],
) -> Float[Array, "n m"]:
    """The plan that belongs to two potentials."""
    cost, mu, nu, f, g = (np.asarray(v, float) for v in (cost, mu, nu, f, g))
    plan = np.zeros(cost.shape)
    for i in range(len(mu)):
        for j in range(len(nu)):
            if mu[i] > 0 and nu[j] > 0:
                plan[i, j] = np.exp((f[i] + g[j] - cost[i, j]) / eps + np.log(mu[i]) + np.log(nu[j]))
    return plan


def entropic_value(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, plan: Float[Array, "n m"]
) -> Float[Array, ""]:
    """What a plan costs, with the entropy."""
    cost, mu, nu, plan = (np.asarray(v, float) for v in (cost, mu, nu, plan))
    value = 0.0
    for i in range(len(mu)):
        for j in range(len(nu)):
            if plan[i, j] > 0:
                kl = np.log(plan[i, j]) - np.log(mu[i]) - np.log(nu[j])
                value += plan[i, j] * (cost[i, j] + eps * kl)
    return value


def divergence_velocity(
    x: Float[Array, "n d"], y: Float[Array, "m d"], plan_xy: Float[Array, "n m"], plan_xx: Float[Array, "n n"]
) -> Float[Array, "n d"]:
    """The velocity of each point in the flow of the Sinkhorn divergence, for the cost |x - y|^2."""
    x, y, plan_xy, plan_xx = (np.asarray(v, float) for v in (x, y, plan_xy, plan_xx))
    v = np.zeros(x.shape)
    for i in range(len(x)):
        mass = np.sum(plan_xy[i])
        from_xy = 2 * plan_xy[i] @ (x[i] - y)  # derivative of OT(mu, nu)
        from_xx = 2 * plan_xx[i] @ (x[i] - x)  # half the derivative of OT(mu, mu): x_i is a row and a column
        v[i] = -(from_xy - from_xx) / mass
    return v


def spectral_scales(widths: Sequence[int], optimizer: str) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """Standard deviations at the start and learning rates, for each layer."""
    sigma, eta = [], []
    for before, after in zip(widths[:-1], widths[1:], strict=True):
        before, after = float(before), float(after)
        sigma.append(np.sqrt(after / before) / (np.sqrt(after) + np.sqrt(before)))
        if optimizer == "sgd":
            eta.append(after / before)
        elif optimizer == "adam":
            eta.append(1 / before)
        else:
            raise ValueError(optimizer)
    return np.array(sigma), np.array(eta)


def coordinate_check(
    weights: Sequence[Float[Array, "out in"]],
    rates: Sequence[float],
    x: Float[Array, "m n0"],
    y: Float[Array, "m nL"],
    phi: Callable,
) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """By how much one step of SGD changes the preactivations of each layer."""
    weights = [np.asarray(W, float) for W in weights]
    rates, x, y = np.asarray(rates, float), np.asarray(x, float), np.asarray(y, float)
    L, m = len(weights), len(x)

    def forward(Ws):
        h, hs, zs = x, [], []
        for layer, W in enumerate(Ws):
            hs.append(h)
            zs.append(h @ W.T)
            if layer < L - 1:
                h = np.asarray(phi(jnp.asarray(zs[-1])), float)
        return hs, zs

    hs, zs = forward(weights)
    delta = (zs[-1] - y) / m
    updates = [None] * L
    for layer in range(L - 1, -1, -1):
        updates[layer] = -rates[layer] * delta.T @ hs[layer]
        if layer > 0:
            slope = np.asarray(jax.grad(lambda u: jnp.sum(phi(u)))(jnp.asarray(zs[layer - 1])), float)
            delta = (delta @ weights[layer]) * slope
    new_zs = forward([W + U for W, U in zip(weights, updates, strict=True)])[1]
    own, total = np.zeros(L), np.zeros(L)
    for layer in range(L):
        own[layer] = np.sqrt(np.mean((hs[layer] @ updates[layer].T) ** 2))
        total[layer] = np.sqrt(np.mean((new_zs[layer] - zs[layer]) ** 2))
    return own, total

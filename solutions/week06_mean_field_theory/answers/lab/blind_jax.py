"""Week 6 lab, solved by a stranger from the notebook alone: idiomatic JAX."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp, xlogy
from jaxtyping import Array, Float


def mean_field_network(
    masses: Float[Array, " n"], a: Float[Array, " n"], w: Float[Array, "n d"], x: Float[Array, "m d"], phi: Callable
) -> Float[Array, " m"]:
    """f = E_mu[a phi(w.x)], for all rows of x."""
    masses, a, w, x = map(jnp.asarray, (masses, a, w, x))
    return phi(x @ w.T) @ (masses * a)


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
    """V(a, w) = a <phi(w.x), f - y>_x."""
    residual = mean_field_network(masses, a, w, x, phi) - jnp.asarray(y)
    return jnp.asarray(probe_a) * (residual @ phi(jnp.asarray(x) @ jnp.asarray(probe_w).T)) / len(residual)


def velocity(
    masses: Float[Array, " n"],
    a: Float[Array, " n"],
    w: Float[Array, "n d"],
    x: Float[Array, "m d"],
    y: Float[Array, " m"],
    phi: Callable,
) -> tuple[Float[Array, " n"], Float[Array, "n d"]]:
    """-grad V at each particle, the measure held fixed."""
    masses, a, w = (jnp.asarray(v, float) for v in (masses, a, w))
    potential = lambda probes: -first_variation(masses, a, w, x, y, phi, *probes).sum()
    return jax.grad(potential)((a, w))


def monotone_plan(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"]
) -> Float[Array, "n m"]:
    """Overlaps of the intervals of levels."""

    def levels(points, masses):
        points, masses = jnp.asarray(points), jnp.asarray(masses, float)
        order = jnp.argsort(points)
        top = jnp.zeros_like(masses).at[order].set(jnp.cumsum(masses[order]))
        return top - masses, top

    (low, high), (left, right) = levels(x, mu), levels(y, nu)
    return jnp.maximum(jnp.minimum(high[:, None], right) - jnp.maximum(low[:, None], left), 0)


def wasserstein_1d(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"], p: float
) -> Float[Array, ""]:
    """The price of the monotone plan."""
    price = jnp.abs(jnp.asarray(x)[:, None] - jnp.asarray(y)) ** p
    return jnp.sum(monotone_plan(x, mu, y, nu) * price) ** (1 / p)


@jax.jit  # else the loop would be compiled anew in each call
def sinkhorn(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, rounds: int
) -> tuple[Float[Array, " n"], Float[Array, " m"]]:
    """Soft minima of C - g over the columns, then of C - f over the rows."""
    cost, mu, nu = (jnp.asarray(v, float) for v in (cost, mu, nu))

    def soft_minimum(z, masses):  # -eps ln sum_j masses_j e^(z_j / eps), over the last axis
        z = z / eps
        top = z.max(-1, keepdims=True)
        # For large eps everything is e^(almost 0), and 1 has to be taken out: its rounding would drift, eps 1e-7 per round.
        near = top[..., 0] + jnp.log1p(jnp.expm1(z - top) @ masses)
        return -eps * jnp.where(top[..., 0] - z.min(-1) < 0.5, near, logsumexp(z, axis=-1, b=masses))

    def one_round(_, potentials):
        f = soft_minimum(potentials[1] - cost, nu)
        return f, soft_minimum(f - cost.T, mu)

    return jax.lax.fori_loop(0, rounds, one_round, (jnp.zeros_like(mu), jnp.zeros_like(nu)))


@jax.jit
def entropic_plan(
    cost: Float[Array, "n m"],
    mu: Float[Array, " n"],
    nu: Float[Array, " m"],
    eps: float,
    f: Float[Array, " n"],
    g: Float[Array, " m"],
) -> Float[Array, "n m"]:
    """exp of the sum of the logarithms: no mass, no ink, whatever the potentials are there."""
    cost, mu, nu, f, g = (jnp.asarray(v, float) for v in (cost, mu, nu, f, g))
    return jnp.exp(jnp.log(mu)[:, None] + jnp.log(nu) + (f[:, None] + g - cost) / eps)


def entropic_value(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, plan: Float[Array, "n m"]
) -> Float[Array, ""]:
    """KL as sum q (r ln r - r + 1), r = pi / q: the same, as both have the mass 1, and exact to second order at r = 1."""
    cost, mu, nu, plan = (jnp.asarray(v, float) for v in (cost, mu, nu, plan))
    q = jnp.outer(mu, nu)
    r = jnp.where(q > 0, plan / jnp.where(q > 0, q, 1), 1)
    r_log_r = jnp.where(r < 0.5, xlogy(r, r), r * jnp.log1p(r - 1))
    return jnp.sum(cost * plan) + eps * jnp.sum(q * (r_log_r - (r - 1)))


def divergence_velocity(
    x: Float[Array, "n d"], y: Float[Array, "m d"], plan_xy: Float[Array, "n m"], plan_xx: Float[Array, "n n"]
) -> Float[Array, "n d"]:
    """Envelope theorem: the gradient of the costs with both plans held fixed."""
    x, y, plan_xy, plan_xx = (jnp.asarray(v, float) for v in (x, y, plan_xy, plan_xx))
    squares = lambda u, v: jnp.sum((u[:, None] - v) ** 2, axis=-1)
    divergence = lambda x: jnp.sum(plan_xy * squares(x, y)) - jnp.sum(plan_xx * squares(x, x)) / 2
    return -jax.grad(divergence)(x) / plan_xy.sum(1, keepdims=True)


def spectral_scales(widths: Sequence[int], optimizer: str) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """|W| = sigma (sqrt out + sqrt in); |dW| = eta sqrt(in / out) for SGD, eta sqrt(in out) for Adam."""
    n = jnp.asarray(widths, float)
    fan_in, fan_out = n[:-1], n[1:]
    norm = jnp.sqrt(fan_out / fan_in)
    return norm / (jnp.sqrt(fan_out) + jnp.sqrt(fan_in)), {"sgd": fan_out / fan_in, "adam": 1 / fan_in}[optimizer]


def coordinate_check(
    weights: Sequence[Float[Array, "out in"]],
    rates: Sequence[float],
    x: Float[Array, "m n0"],
    y: Float[Array, "m nL"],
    phi: Callable,
) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """Own and total change of the preactivations in one step of SGD."""
    weights, x, y = [jnp.asarray(W, float) for W in weights], jnp.asarray(x, float), jnp.asarray(y, float)

    def preactivations(weights):
        z = [x @ weights[0].T]
        for W in weights[1:]:
            z.append(phi(z[-1]) @ W.T)
        return z

    loss = lambda weights: jnp.sum((preactivations(weights)[-1] - y) ** 2) / (2 * len(x))
    rms = lambda changes: jnp.stack([jnp.sqrt(jnp.mean(change**2)) for change in changes])
    z, steps = preactivations(weights), [-rate * G for rate, G in zip(rates, jax.grad(loss)(weights), strict=True)]
    # z' - z without the difference of two nearly equal numbers: phi' where the change is small (rates may be tiny).
    slope = lambda z: jax.jvp(phi, (z,), (jnp.ones_like(z),))[1]
    shift, total, own = jnp.zeros_like(x), [], []
    for layer, (W, step) in enumerate(zip(weights, steps, strict=True)):
        h = phi(z[layer - 1]) if layer else x
        own.append(h @ step.T)
        total.append(own[-1] + shift @ (W + step).T)
        change = total[-1]
        shift = jnp.where(jnp.abs(change) < 1e-3, slope(z[layer] + change / 2) * change, phi(z[layer] + change) - phi(z[layer]))
    return rms(own), rms(total)

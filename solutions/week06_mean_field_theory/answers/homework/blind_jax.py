"""Week 6 homework, solved by a stranger from the notebook alone: idiomatic JAX."""

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp, ndtr, ndtri
from jaxtyping import Array, Float


def squared_distance(
    m1: Float[Array, " d"], S1: Float[Array, "d d"], m2: Float[Array, " d"], S2: Float[Array, "d d"]
) -> Float[Array, ""]:
    """tr (S1^1/2 S2 S1^1/2)^1/2 is the sum of the singular values of S1^1/2 S2^1/2."""

    def root(S):
        values, vectors = jnp.linalg.eigh(jnp.asarray(S, float))
        return vectors * jnp.sqrt(jnp.maximum(values, 0)) @ vectors.T

    shift = jnp.asarray(m1, float) - jnp.asarray(m2, float)
    return shift @ shift + jnp.trace(jnp.asarray(S1)) + jnp.trace(jnp.asarray(S2)) - 2 * jnp.linalg.norm(root(S1) @ root(S2), "nuc")


def transport_matrix(S1: Float[Array, "d d"], S2: Float[Array, "d d"]) -> Float[Array, "d d"]:
    """S1^-1/2 (S1^1/2 S2 S1^1/2)^1/2 S1^-1/2 = S2^1/2 U V' S1^-1/2, with U s V' = S2^1/2 S1^1/2: no root of a rounding error."""

    def power(S, p):
        values, vectors = jnp.linalg.eigh(jnp.asarray(S, float))
        values = jnp.where(values > 1e-15 * len(values) * values[-1], values, 0)
        return vectors * values**p @ vectors.T

    U, _, Vt = jnp.linalg.svd(power(S2, 0.5) @ power(S1, 0.5))
    T = power(S2, 0.5) @ U @ Vt @ power(S1, -0.5)
    return (T + T.T) / 2


def geodesic_covariance(S1: Float[Array, "d d"], S2: Float[Array, "d d"], t: float) -> Float[Array, "d d"]:
    """((1 - t) I + t T) S1 ((1 - t) I + t T), with T S1 T = S2."""
    S1, S2 = jnp.asarray(S1, float), jnp.asarray(S2, float)
    K = transport_matrix(S1, S2) @ S1
    return (1 - t) ** 2 * S1 + t * (1 - t) * (K + K.T) + t**2 * S2


def entropic_covariance(a: float, b: float, eps: float) -> float:
    """The positive root of c^2 + eps c / 2 = ab, without a difference."""
    return a * b / (eps / 4 + jnp.hypot(eps / 4, jnp.sqrt(a * b)))


def entropic_cost(a: float, b: float, eps: float) -> float:
    """a + b - 2c + eps KL at the best c."""
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * jnp.log1p(-(c**2) / (a * b))


def cheapest_variance(b: float, eps: float) -> float:
    """By the envelope theorem d OT / da = 1 - c / a: 0 where c = a."""
    return jnp.maximum(b - eps / 2, 0.0)


@jax.jit
def heat_velocity(
    x: Float[Array, "n d"],
    weights: Float[Array, " k"],
    means: Float[Array, "k d"],
    variances: Float[Array, " k"],
    t: float,
) -> Float[Array, "n d"]:
    """-grad ln rho_t, where the variances have grown by 2t."""
    x, weights, means, variances = (jnp.asarray(v, float) for v in (x, weights, means, variances))
    s = variances + 2 * t

    def minus_log(x):
        return -logsumexp(-jnp.sum((x - means) ** 2, axis=-1) / (2 * s) - x.size / 2 * jnp.log(s), b=weights)

    return jax.vmap(jax.grad(minus_log))(x)


@jax.jit  # else the loop would be compiled anew in each call
def heat_path(
    x0: Float[Array, " n"], weights: Float[Array, " k"], means: Float[Array, " k"], variances: Float[Array, " k"], t: float
) -> Float[Array, " n"]:
    """Each particle keeps its level u = F_0(x_0) = F_t(x_t): bisection between the quantiles of the parts."""
    x0, weights, means, variances = (jnp.asarray(v, float) for v in (x0, weights, means, variances))
    s = jnp.sqrt(variances + 2 * t)
    level = ndtr((x0[:, None] - means) / jnp.sqrt(variances)) @ weights
    quantiles = means + s * ndtri(level)[:, None]

    def halve(_, bracket):
        low, high = bracket
        middle = (low + high) / 2
        above = ndtr((middle[:, None] - means) / s) @ weights > level
        return jnp.where(above, low, middle), jnp.where(above, middle, high)

    return sum(jax.lax.fori_loop(0, 60, halve, (quantiles.min(1), quantiles.max(1)))) / 2


def jko_step(m: float, s: float, tau: float, lam: float, temperature: float) -> tuple[float, float]:
    """m' = m / q and the positive root of q s'^2 - s s' - tau T = 0, q = 1 + tau lam."""
    q = 1 + tau * lam
    return m / q, (s + jnp.sqrt(s**2 + 4 * tau * temperature * q)) / (2 * q)


def exact_flow(m: float, s: float, t: float, lam: float, temperature: float) -> tuple[float, float]:
    """Ornstein-Uhlenbeck."""
    warming = 2 * t if lam == 0 else -jnp.expm1(-2 * lam * t) / lam
    return m * jnp.exp(-lam * t), jnp.sqrt(s**2 * jnp.exp(-2 * lam * t) + temperature * warming)


def free_energy(m: float, s: float, lam: float, temperature: float) -> float:
    """Potential energy minus T times the entropy."""
    return lam / 2 * (m**2 + s**2) - temperature * (jnp.log(s) + jnp.log(2 * jnp.pi * jnp.e) / 2)


def dissipation(m: float, s: float, lam: float, temperature: float) -> float:
    """E|v|^2 for v = -lam m + (T / s^2 - lam) (x - m)."""
    return (lam * m) ** 2 + (lam * s - temperature / s) ** 2


def mean_field_law(
    m0: Float[Array, " d"],
    S0: Float[Array, "d d"],
    A: Float[Array, "d d"],
    kappa: float,
    temperature: float,
    t: float,
) -> tuple[Float[Array, " d"], Float[Array, "d d"]]:
    """m' = -A m; S' = -(A + kappa) S - S (A + kappa) + 2T, in the eigenbasis of A."""
    rates, Q = jnp.linalg.eigh(jnp.asarray(A, float))
    r = 2 * (rates + kappa)
    decay = jnp.exp(-r * t / 2)
    warming = jnp.where(r == 0, t, -jnp.expm1(-r * t) / jnp.where(r == 0, 1, r))
    start = Q.T @ jnp.asarray(S0, float) @ Q
    return Q * jnp.exp(-rates * t) @ Q.T @ jnp.asarray(m0, float), Q @ (
        decay[:, None] * start * decay + jnp.diag(2 * temperature * warming)
    ) @ Q.T


def twin_distance(n: int, S0: Float[Array, "d d"], A: Float[Array, "d d"], kappa: float, temperature: float, t: float) -> float:
    """(Var Y - 2 Cov(Y, U) + Var U), summed over the directions: the second difference of h / n."""
    rates, Q = jnp.linalg.eigh(jnp.asarray(A, float))
    a = jnp.diag(Q.T @ jnp.asarray(S0, float) @ Q)

    def h(r):
        return a * jnp.exp(-r * t) + 2 * temperature * jnp.where(r == 0, t, -jnp.expm1(-r * t) / jnp.where(r == 0, 1, r))

    return jnp.sum(h(2 * rates) - 2 * h(2 * rates + kappa) + h(2 * rates + 2 * kappa)) / n

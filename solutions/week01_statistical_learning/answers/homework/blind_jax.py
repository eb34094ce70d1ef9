"""Week 1 homework: double descent, Marchenko-Pastur, the best ridge, Rademacher, high dimension; in idiomatic JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import scipy.special
from jaxtyping import Array, Float

jax.config.update("jax_enable_x64", True)


def ridgeless_risk(n: int, p: int, noise: float, signal: float) -> float:
    if abs(n - p) <= 1:
        return jnp.inf
    if p < n:
        return noise * p / (n - p - 1)
    return signal * (1 - n / p) + noise * n / (p - n - 1)


def weak_features_risk(n: int, p: int, weights: Float[Array, " D"], noise: float) -> float:
    seen, hidden = jnp.sum(weights[:p] ** 2), jnp.sum(weights[p:] ** 2)
    return ridgeless_risk(n, p, noise + hidden, seen) + hidden


def stieltjes(z: float, gamma: float) -> float:
    b = 1 - gamma + z
    q = (jnp.where(b >= 0, b, -b) + jnp.sqrt(b**2 + 4 * gamma * z)) / 2
    return jnp.where(b >= 0, 1 / q, q / (gamma * z))


def ridge_risk(
    n: int, p: int, lam: float, noise: float, signal: float, transform: Callable[[float, float], float]
) -> float:
    z, gamma = lam / n, p / n
    m, dm = jax.value_and_grad(transform)(z, gamma)
    return -signal * z**2 * dm + noise * gamma * (m + z * dm)


def best_ridge(
    n: int, p: int, noise: float, signal: float, transform: Callable[[float, float], float]
) -> tuple[float, float]:
    lam = noise * p / signal
    return lam, noise * p / n * transform(lam / n, p / n)


def _all_signs(n: int) -> Float[Array, "tosses n"]:
    return 1.0 - 2.0 * ((jnp.arange(2**n)[:, None] >> jnp.arange(n)) & 1)


def rademacher(values: Float[Array, "functions n"]) -> float:
    n = values.shape[1]
    return jnp.mean(jnp.max(_all_signs(n) @ values.T, axis=1)) / n


def rademacher_ball(X: Float[Array, "n d"], radius: float) -> float:
    n = X.shape[0]
    return radius * jnp.mean(jnp.linalg.norm(_all_signs(n) @ X, axis=1)) / n


def cap(d: int, t: float) -> float:
    if t < 0:
        return 1 - cap(d, -t)
    return scipy.special.betainc((d - 1) / 2, 0.5, (1 - t) * (1 + t)) / 2


def nearest(d: int, N: float) -> float:
    return (-jnp.expm1(-jnp.log(2.0) / N)) ** (1 / d)

"""JAX to the end: jvp through the transform, vmap over coins, numbers as arrays of shape ()."""

import jax
import jax.numpy as jnp


def ridgeless_risk(n, p, noise, signal):
    big = jnp.abs(p - n) - 1.0
    over = jnp.where(p > n, signal * (1.0 - n / p), 0.0)
    return jnp.where(big <= 0, jnp.inf, over + noise * jnp.minimum(n, p) / jnp.where(big <= 0, 1.0, big))


def weak_features_risk(n, p, weights, noise):
    seen = jnp.arange(len(weights)) < p
    total, part = jnp.sum(weights**2), jnp.sum(jnp.where(seen, weights**2, 0.0))
    return ridgeless_risk(n, p, noise + total - part, part) + (total - part)


def stieltjes(z, gamma):
    b = 1.0 - gamma + z
    q = -0.5 * (b + jnp.where(b >= 0, 1.0, -1.0) * jnp.sqrt(b * b + 4 * gamma * z))  # Numerical Recipes, 5.6
    return jnp.where(b >= 0, -1.0 / q, q / (gamma * z))


def ridge_risk(n, p, lam, noise, signal, transform):
    g, z = p / n, lam / n
    # z m(z) loses the pole of m: d(z m)/dz = m + z m' is the mean of s/(s+z)^2.
    value, slope = jax.jvp(lambda z: z * transform(z, g), (z,), (1.0,))
    return noise * g * slope + signal * (value - z * slope)


def best_ridge(n, p, noise, signal, transform):
    lam = jnp.exp(jnp.log(noise) + jnp.log(p) - jnp.log(signal))
    return jnp.array([lam, ridge_risk(n, p, float(lam), noise, signal, transform)])


def _tosses(n):
    return 1.0 - 2.0 * ((jnp.arange(2**n)[:, None] >> jnp.arange(n)) & 1)


def rademacher(values):
    n = values.shape[1]
    return jnp.mean(jax.vmap(lambda s: jnp.max(values @ s))(_tosses(n))) / n


def rademacher_ball(X, radius):
    supremum = lambda s: radius * jnp.sqrt(jnp.sum((s @ X) ** 2)) / len(X)
    return jax.lax.map(supremum, _tosses(len(X))).mean()


def cap(d, t):
    tail = jax.scipy.special.betainc((d - 1) / 2.0, 0.5, (1.0 - abs(t)) * (1.0 + abs(t))) / 2
    return jnp.where(t < 0, 1 - tail, tail)


def nearest(d, N):
    return jnp.power(-jnp.expm1(-jnp.log(2.0) / N), 1.0 / d)

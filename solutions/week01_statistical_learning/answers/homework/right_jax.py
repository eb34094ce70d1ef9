"""JAX in double precision: where for both branches, automatic derivatives, vmap over tosses, incomplete beta functions."""

import jax
import jax.numpy as jnp
import jax.scipy.special as jsp


def ridgeless_risk(n, p, noise, signal):
    few, many = jnp.minimum(n, p), jnp.maximum(n, p)
    gap = many - few - 1
    variance = jnp.where(gap > 0, noise * few / jnp.where(gap > 0, gap, 1), jnp.inf)
    return variance + signal * jnp.maximum(0.0, 1 - n / p)


def weak_features_risk(n, p, weights, noise):
    seen = jnp.arange(weights.shape[0]) < p
    hidden = jnp.sum(jnp.where(seen, 0.0, weights**2))
    return ridgeless_risk(n, p, noise + hidden, jnp.sum(jnp.where(seen, weights**2, 0.0))) + hidden


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = jnp.sqrt(b**2 + 4 * gamma * z)
    return jnp.where(b > 0, 2 / jnp.where(b > 0, b + root, 1.0), (root - b) / (2 * gamma * z))


def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m, slope = jax.value_and_grad(transform)(z, gamma)
    return -signal * z**2 * slope + noise * gamma * (m + z * slope)


def best_ridge(n, p, noise, signal, transform):
    return jnp.array([noise * p / signal, noise * p / n * transform(noise * p / signal / n, p / n)])


def _tosses(n):
    return 2.0 * jnp.stack([(jnp.arange(2**n) >> k) & 1 for k in range(n)], axis=1) - 1.0


def rademacher(values):
    return jax.vmap(lambda s: jnp.max(values @ s))(_tosses(values.shape[1])).mean() / values.shape[1]


def rademacher_ball(X, radius):
    lengths = jax.vmap(lambda s: jnp.linalg.norm(s @ X))(_tosses(X.shape[0]))
    return radius * jnp.mean(lengths) / X.shape[0]


def cap(d, t):
    beyond = jsp.betainc((d - 1) / 2, 0.5, 1.0 - t**2) / 2
    return jnp.where(t >= 0, beyond, 1 - beyond)


def nearest(d, N):
    return jnp.power(-jnp.expm1(-jnp.log(2.0) / N), 1 / d)

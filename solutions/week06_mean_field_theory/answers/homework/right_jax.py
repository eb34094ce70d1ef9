"""JAX in double precision: eigh, vmap, autodiff of log-densities and free energies, fixed numbers of bisections."""

import jax
import jax.numpy as jnp


def root_of(S):
    values, V = jnp.linalg.eigh(S)
    return V @ jnp.diag(jnp.sqrt(jnp.clip(values, 0))) @ V.T


def squared_distance(m1, S1, m2, S2):
    R1, R2 = root_of(jnp.asarray(S1)), root_of(jnp.asarray(S2))
    nuclear = jnp.linalg.svd(R1 @ R2, compute_uv=False).sum()
    return jnp.sum((jnp.asarray(m1) - jnp.asarray(m2)) ** 2) + jnp.trace(jnp.asarray(S1) + jnp.asarray(S2)) - 2 * nuclear


def transport_matrix(S1, S2):
    values, V = jnp.linalg.eigh(jnp.asarray(S1))
    turned = V.T @ jnp.asarray(S2) @ V
    scale = jnp.sqrt(values)
    inner = root_of(scale[:, None] * turned * scale)
    return V @ (inner / scale[:, None] / scale) @ V.T


def geodesic_covariance(S1, S2, t):
    T = transport_matrix(S1, S2)
    way = jnp.eye(len(T)) + t * (T - jnp.eye(len(T)))
    return jnp.einsum("ij,jk,lk->il", way, jnp.asarray(S1), way)


def entropic_covariance(a, b, eps):
    x = 16 * a * b / eps**2
    return eps / 4 * x / (jnp.sqrt(1 + x) + 1)


def entropic_cost(a, b, eps):
    c = entropic_covariance(a, b, eps)
    return (a - c) + (b - c) - eps / 2 * jnp.log1p(-(c / a) * (c / b))


def cheapest_variance(b, eps):
    return jnp.maximum(b - eps / 2, 0.0)


def heat_velocity(x, weights, means, variances, t):
    weights, means, width = jnp.asarray(weights), jnp.asarray(means), jnp.asarray(variances) + 2 * t

    def log_density(point):
        squares = jnp.sum((point - means) ** 2, axis=1)
        return jax.nn.logsumexp(jnp.log(weights) - len(point) / 2 * jnp.log(width) - squares / (2 * width))

    return -jax.vmap(jax.grad(log_density))(jnp.asarray(x))


def heat_path(x0, weights, means, variances, t):
    """Newton's method on the level, kept in a bracket."""
    weights, means, variances = jnp.asarray(weights), jnp.asarray(means), jnp.asarray(variances)
    below = lambda place, time: jnp.sum(weights * jax.scipy.stats.norm.cdf(place, means, jnp.sqrt(variances + 2 * time)))

    def one(start):
        level = below(start, 0.0)
        reach = 12 * jnp.sqrt(variances.max() + 2 * t)

        def halve(_, ends):
            middle = (ends[0] + ends[1]) / 2
            left = below(middle, t) < level
            return jnp.where(left, middle, ends[0]), jnp.where(left, ends[1], middle)

        low, high = jax.lax.fori_loop(0, 70, halve, (means.min() - reach, means.max() + reach))
        return (low + high) / 2

    return jax.vmap(one)(jnp.asarray(x0))


def jko_step(m, s, tau, lam, temperature):
    """s' = T tau 2 / (root - s) would cancel; the sum does not."""
    k = 1 / (1 + tau * lam)
    half = k * s / 2
    return m * k, half + jnp.sqrt(half**2 + k * tau * temperature)


def exact_flow(m, s, t, lam, temperature):
    x = 2 * lam * t
    small = jnp.abs(x) < 1e-9
    factor = jnp.where(small, 1 - x / 2, -jnp.expm1(-x) / jnp.where(small, 1.0, x))
    return m * jnp.exp(-lam * t), jnp.sqrt(s**2 * jnp.exp(-x) + 2 * temperature * t * factor)


def free_energy(m, s, lam, temperature):
    return lam / 2 * (m**2 + s**2) - temperature / 2 * jnp.log(2 * jnp.pi * jnp.e * s**2)


def dissipation(m, s, lam, temperature):
    """|grad F|^2 in the coordinates (m, s), which are flat."""
    return sum(g**2 for g in jax.grad(free_energy, argnums=(0, 1))(float(m), float(s), lam, temperature))


def grown(r, t):
    """(1 - e^(-rt)) / r."""
    x = r * t
    small = jnp.abs(x) < 1e-7
    return t * jnp.where(small, 1 - x / 2, -jnp.expm1(-x) / jnp.where(small, 1.0, x))


def mean_field_law(m0, S0, A, kappa, temperature, t):
    A = jnp.asarray(A)
    alpha, V = jnp.linalg.eigh(A)
    decay = lambda shift: (V * jnp.exp(-(alpha + shift) * t)) @ V.T
    noise = (V * (2 * temperature * grown(2 * (alpha + kappa), t))) @ V.T
    return decay(0.0) @ jnp.asarray(m0), decay(kappa) @ jnp.asarray(S0) @ decay(kappa) + noise


def twin_distance(n, S0, A, kappa, temperature, t):
    """Variance of Y, of U, and twice their covariance, as traces."""
    alpha, V = jnp.linalg.eigh(jnp.asarray(A))
    start = jnp.diag(V.T @ jnp.asarray(S0) @ V)
    of_Y, of_U = alpha, alpha + kappa
    moment = lambda p, q: start * jnp.exp(-(p + q) * t) + 2 * temperature * grown(p + q, t)
    return jnp.sum(moment(of_Y, of_Y) + moment(of_U, of_U) - 2 * moment(of_Y, of_U)) / n

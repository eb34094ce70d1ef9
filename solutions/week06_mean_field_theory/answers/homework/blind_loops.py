"""Week 6 homework, solved by a stranger from the notebook alone: NumPy and loops."""

import numpy as np
import scipy.special
from jaxtyping import Array, Float


def squared_distance(
    m1: Float[Array, " d"], S1: Float[Array, "d d"], m2: Float[Array, " d"], S2: Float[Array, "d d"]
) -> Float[Array, ""]:
    """W_2^2 of two normal laws."""

    def root_of(S):
        values, vectors = np.linalg.eigh((S + S.T) / 2)
        return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    m1, S1, m2, S2 = (np.asarray(v, float) for v in (m1, S1, m2, S2))
    root = root_of(S1)
    return np.sum((m1 - m2) ** 2) + np.trace(S1) + np.trace(S2) - 2 * np.trace(root_of(root @ S2 @ root))


def transport_matrix(S1: Float[Array, "d d"], S2: Float[Array, "d d"]) -> Float[Array, "d d"]:
    """The symmetric, positive semidefinite T with T S1 T = S2."""

    def root_of(S):
        values, vectors = np.linalg.eigh((S + S.T) / 2)
        return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T

    S1, S2 = np.asarray(S1, float), np.asarray(S2, float)
    root = root_of(S1)
    inverse = np.linalg.inv(root)
    T = inverse @ root_of(root @ S2 @ root) @ inverse
    return (T + T.T) / 2


def geodesic_covariance(S1: Float[Array, "d d"], S2: Float[Array, "d d"], t: float) -> Float[Array, "d d"]:
    """The covariance at the time t on the straight line from N(0, S1) to N(0, S2)."""
    M = (1 - t) * np.eye(len(S1)) + t * transport_matrix(S1, S2)
    return M @ np.asarray(S1, float) @ M


def entropic_covariance(a: float, b: float, eps: float) -> float:
    """The covariance of the optimal plan."""
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)


def entropic_cost(a: float, b: float, eps: float) -> float:
    """The value OT_eps(a, b) of the minimum."""
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * np.log1p(-(c**2) / (a * b))


def cheapest_variance(b: float, eps: float) -> float:
    """The variance a >= 0 for which OT_eps(a, b) is least."""
    return max(b - eps / 2, 0.0)


def heat_velocity(
    x: Float[Array, "n d"],
    weights: Float[Array, " k"],
    means: Float[Array, "k d"],
    variances: Float[Array, " k"],
    t: float,
) -> Float[Array, "n d"]:
    """The velocity that carries heat, for a start that is a mixture of round normal laws."""
    x, weights, means, variances = (np.asarray(v, float) for v in (x, weights, means, variances))
    v = np.zeros(x.shape)
    spread = variances + 2 * t
    for i in range(len(x)):
        logs = np.zeros(len(weights))
        for k in range(len(weights)):
            logs[k] = np.log(weights[k]) - np.sum((x[i] - means[k]) ** 2) / (2 * spread[k]) - x.shape[1] / 2 * np.log(spread[k])
        share = np.exp(logs - np.max(logs))
        share /= np.sum(share)
        for k in range(len(weights)):
            v[i] += share[k] * (x[i] - means[k]) / spread[k]
    return v


def heat_path(
    x0: Float[Array, " n"], weights: Float[Array, " k"], means: Float[Array, " k"], variances: Float[Array, " k"], t: float
) -> Float[Array, " n"]:
    """Where the particles of a line are at the time t."""
    x0, weights, means, variances = (np.asarray(v, float) for v in (x0, weights, means, variances))

    def level(x, time):
        return np.sum(weights * scipy.special.ndtr((x - means) / np.sqrt(variances + 2 * time)))

    out = np.zeros(len(x0))
    reach = 10 * np.sqrt(np.max(variances) + 2 * t)
    for i in range(len(x0)):
        u = level(x0[i], 0.0)
        low, high = np.min(means) - reach, np.max(means) + reach
        for _ in range(80):
            middle = (low + high) / 2
            if level(middle, t) < u:
                low = middle
            else:
                high = middle
        out[i] = (low + high) / 2
    return out


def jko_step(m: float, s: float, tau: float, lam: float, temperature: float) -> tuple[float, float]:
    """One step of the scheme of Jordan, Kinderlehrer and Otto from N(m, s^2)."""
    k = 1 + tau * lam
    return m / k, (s + np.sqrt(s**2 + 4 * tau * temperature * k)) / (2 * k)


def exact_flow(m: float, s: float, t: float, lam: float, temperature: float) -> tuple[float, float]:
    """The solution of the Fokker-Planck equation from N(m, s^2)."""
    noise = 2 * t if lam == 0 else -np.expm1(-2 * lam * t) / lam
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * noise)


def free_energy(m: float, s: float, lam: float, temperature: float) -> float:
    """F of N(m, s^2)."""
    return lam / 2 * (m**2 + s**2) - temperature * (np.log(s) + 0.5 * np.log(2 * np.pi * np.e))


def dissipation(m: float, s: float, lam: float, temperature: float) -> float:
    """By how much the free energy falls per unit of time, at N(m, s^2)."""
    return (lam * m) ** 2 + (lam * s - temperature / s) ** 2


def mean_field_law(
    m0: Float[Array, " d"],
    S0: Float[Array, "d d"],
    A: Float[Array, "d d"],
    kappa: float,
    temperature: float,
    t: float,
) -> tuple[Float[Array, " d"], Float[Array, "d d"]]:
    """Mean and covariance of a particle at the time t, in the limit of infinitely many."""
    m0, S0, A = (np.asarray(v, float) for v in (m0, S0, A))
    values, Q = np.linalg.eigh(A)
    m = Q @ (np.exp(-values * t) * (Q.T @ m0))
    S = Q.T @ S0 @ Q
    for i in range(len(values)):
        for j in range(len(values)):
            S[i, j] *= np.exp(-(values[i] + values[j] + 2 * kappa) * t)
        rate = 2 * (values[i] + kappa)
        S[i, i] += 2 * temperature * (t if rate == 0 else -np.expm1(-rate * t) / rate)
    return m, Q @ S @ Q.T


def twin_distance(n: int, S0: Float[Array, "d d"], A: Float[Array, "d d"], kappa: float, temperature: float, t: float) -> float:
    """The mean squared distance of a particle from its twin."""
    S0, A = np.asarray(S0, float), np.asarray(A, float)
    values, Q = np.linalg.eigh(A)
    starts = np.diag(Q.T @ S0 @ Q)
    total = 0.0
    for alpha, a in zip(values, starts, strict=True):
        for sign, r in ((1, 2 * alpha), (1, 2 * alpha + 2 * kappa), (-2, 2 * alpha + kappa)):
            elapsed = t if r == 0 else -np.expm1(-r * t) / r
            total += sign * (a * np.exp(-r * t) + 2 * temperature * elapsed)
    return total / n

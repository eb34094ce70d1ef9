"""SciPy: quadratures, Student's t for the cosine, minimisers for the best ridge, derivatives of laws."""

import itertools

import numpy as np
import scipy.optimize
import scipy.stats


def ridgeless_risk(n, p, noise, signal):
    small, large = min(n, p), max(n, p)
    if large - small < 2:
        return float("inf")
    missed = scipy.stats.beta(large - small, small).mean() if p > n else 0.0  # any beta law of mean 1 - n/p
    return signal * missed + noise * small / (large - small - 1)


def weak_features_risk(n, p, weights, noise):
    seen, hidden = np.split(np.asarray(weights, dtype=float), [p])
    return ridgeless_risk(n, p, noise + hidden @ hidden, seen @ seen) + hidden @ hidden


def stieltjes(z, gamma):
    # The root of a quadratic equation by the sum with equal signs, and by the product of both roots.
    b = 1 - gamma + z
    q = -0.5 * (b + np.copysign(np.hypot(b, 2 * np.sqrt(gamma * z)), b))
    return q / (gamma * z) if q > 0 else -1 / q


def _law(function, gamma):
    angle = (np.arange(20_000) + 0.5) * np.pi / 20_000
    s = 1 + gamma + 2 * np.sqrt(gamma) * np.cos(angle)
    return (2 * np.sin(angle) ** 2 / s / 20_000 * function(s)).sum() + max(0, 1 - 1 / gamma) * function(0.0)


def ridge_risk(n, p, lam, noise, signal, transform):
    z, gamma = lam / n, p / n
    return _law(lambda s: (signal * z**2 + noise * gamma * s) / (s + z) ** 2, gamma)


def best_ridge(n, p, noise, signal, transform):
    risk = lambda u: ridge_risk(n, p, n * np.exp(u), noise, signal, transform)
    found = scipy.optimize.minimize_scalar(risk, bounds=(-13, 9), method="bounded", options={"xatol": 1e-7})
    return n * np.exp(found.x), found.fun


def rademacher(values):
    values = np.asarray(values)
    return np.mean([max(values @ np.array(s)) for s in itertools.product((1, -1), repeat=values.shape[1])]) / values.shape[1]


def rademacher_ball(X, radius):
    gram = np.asarray(X) @ np.asarray(X).T
    signs = np.array(list(itertools.product((1, -1), repeat=len(gram))))
    return radius * np.sqrt(np.clip(np.einsum("ai,ij,aj->a", signs, gram, signs), 0, None)).mean() / len(gram)


def cap(d, t):
    if abs(t) == 1:
        return float(t < 0)
    return scipy.stats.t.sf(t * np.sqrt(d - 1) / np.sqrt(1 - t * t), d - 1)


def nearest(d, N):
    return np.exp(np.log(scipy.stats.beta(1, N).median()) / d) if N < 1e6 else np.exp(np.log(np.log(2) / N) / d - np.log(2) / (2 * N * d))

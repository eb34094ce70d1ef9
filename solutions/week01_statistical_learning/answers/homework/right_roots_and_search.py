"""numpy.roots, a numerical search in the logarithm, sets of sums, the binomial expansion; plain Python numbers."""

from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import product

import numpy as np
import scipy.optimize
import scipy.stats


def ridgeless_risk(n, p, noise, signal):
    if p in (n - 1, n, n + 1):
        return float("inf")
    if p < n:
        return float(Fraction(p, n - p - 1)) * noise
    return float(Fraction(p - n, p)) * signal + float(Fraction(n, p - n - 1)) * noise


def weak_features_risk(n, p, weights, noise):
    seen, hidden = np.split(np.asarray(weights), [p])
    return (hidden @ hidden) + ridgeless_risk(n, p, noise + hidden @ hidden, seen @ seen)


def stieltjes(z, gamma):
    return float(max(np.roots([gamma * z, 1 - gamma + z, -1.0]).real))


def ridge_risk(n, p, lam, noise, signal, transform):
    z, g = lam / n, p / n
    m = float(transform(z, g))
    slope = m * m * (1 + g * m) / (1 + g * z * m * m)  # -m', with 1 - g + z = 1/m - g z m
    return float(signal * z**2 * slope + noise * g * (m - z * slope))


def best_ridge(n, p, noise, signal, transform):
    risk = lambda u: ridge_risk(n, p, n * np.exp(u), noise, signal, transform)
    grid = np.linspace(np.log(1e-6), np.log(1e4), 60)
    middle = int(np.argmin([risk(u) for u in grid]))
    middle = min(max(middle, 1), 58)
    found = scipy.optimize.minimize_scalar(risk, bounds=(grid[middle - 1], grid[middle + 1]), method="bounded",
                                           options={"xatol": 1e-7})  # fmt: skip
    return [n * float(np.exp(found.x)), float(found.fun)]


def rademacher(values):
    v = np.asarray(values).tolist()
    n = len(v[0])
    best = [max(sum(s * f for s, f in zip(signs, row)) for row in v) for signs in product((-1, 1), repeat=n)]
    return sum(best) / len(best) / n


def rademacher_ball(X, radius):
    X = np.asarray(X)
    sums = np.zeros((1, X.shape[1]))
    for x in X:
        sums = np.concatenate([sums + x, sums - x])
    return float(radius * np.sqrt((sums**2).sum(axis=1)).mean() / len(X))


def cap(d, t):
    return float(scipy.stats.beta.sf((1 + t) / 2, (d - 1) / 2, (d - 1) / 2))  # (1 + c)/2 is beta, too


def nearest(d, N):
    getcontext().prec = 60
    u = 1 - Decimal(2) ** (-1 / Decimal(N))
    return float(u ** (1 / Decimal(d)))

"""Week 1 homework, solved by a stranger from the notebook alone: NumPy and SciPy in float64."""

import itertools
import math

import numpy as np
import scipy.special


def ridgeless_risk(n, p, noise, signal):
    if abs(n - p) <= 1:
        return float("inf")
    if p < n:
        return float(noise * p / (n - p - 1))
    # tr (X X^T)^{-1} for the n x n Wishart matrix of p columns
    return float(noise * n / (p - n - 1) + signal * (1 - n / p))


def weak_features_risk(n, p, weights, noise):
    weights = np.asarray(weights, dtype=np.float64)
    seen = float(np.sum(weights[:p] ** 2))
    hidden = float(np.sum(weights[p:] ** 2))
    # hidden features are noise in training, and missed when predicting
    return ridgeless_risk(n, p, noise + hidden, seen) + hidden


def stieltjes(z, gamma):
    b = 1 - gamma + z
    root = math.sqrt(b * b + 4 * gamma * z)
    if b > 0:
        return 2 / (b + root)
    return (root - b) / (2 * gamma * z)


def ridge_risk(n, p, lam, noise, signal, transform):
    z = lam / n
    gamma = p / n
    m = float(transform(z, gamma))
    # differentiate gamma z m^2 + (1 - gamma + z) m - 1 = 0
    root = math.sqrt((1 - gamma + z) ** 2 + 4 * gamma * z)  # = 2 gamma z m + 1 - gamma + z
    minus_slope = (gamma * m**2 + m) / root
    bias = z**2 * minus_slope
    variance = gamma * (1 - z * m) / root  # = gamma (m + z m'), without the cancellation
    return float(signal * bias + noise * variance)


def best_ridge(n, p, noise, signal, transform):
    lam = p * noise / signal
    gamma = p / n
    # with signal z = noise gamma the derivative drops out of the risk
    return float(lam), float(noise * gamma * float(transform(lam / n, gamma)))


def rademacher(values):
    values = np.asarray(values, dtype=np.float64)
    n = values.shape[1]
    total = 0.0
    for signs in itertools.product((-1.0, 1.0), repeat=n):
        total += np.max(values @ np.array(signs))
    return float(total / n / 2**n)


def rademacher_ball(X, radius):
    X = np.asarray(X, dtype=np.float64)
    n = X.shape[0]
    total = 0.0
    for signs in itertools.product((-1.0, 1.0), repeat=n):
        total += np.linalg.norm(np.array(signs) @ X)  # the best w points along sum_i sigma_i x_i
    return float(radius * total / n / 2**n)


def cap(d, t):
    if t < 0:
        return 1.0 - cap(d, -t)
    # c^2 is beta with (1/2, (d-1)/2), 1 - c^2 with ((d-1)/2, 1/2)
    return float(0.5 * scipy.special.betainc((d - 1) / 2, 0.5, (1 - t) * (1 + t)))


def nearest(d, N):
    return float((-math.expm1(-math.log(2) / N)) ** (1 / d))

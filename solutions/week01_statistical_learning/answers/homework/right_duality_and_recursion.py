"""Duality of gamma and 1/gamma, recursion over coins, closed logarithms, five-point derivatives, golden section."""

import math

import numpy as np
import scipy.special


def ridgeless_risk(n, p, noise, signal):
    small, large = sorted((n, p))
    if large - small < 2:
        return math.inf
    return (p > n) * signal * (p - n) / p + noise * small / (large - small - 1)


def weak_features_risk(n, p, weights, noise):
    w = [float(v) for v in weights]
    seen, hidden = math.fsum(v * v for v in w[:p]), math.fsum(v * v for v in w[p:])
    variance = (noise + hidden) * (p / (n - p - 1) if p < n else n / (p - n - 1))
    return hidden + max(0.0, 1 - n / p) * seen + variance


def stieltjes(z, gamma):
    if gamma > 1:  # X^T X has the eigenvalues of X X^T and p - n zeros
        return (1 - 1 / gamma) / z + stieltjes(z / gamma, 1 / gamma) / gamma**2
    b = 1 - gamma + z
    return 2 / (b + math.hypot(b, 2 * math.sqrt(gamma * z)))


def ridge_risk(n, p, lam, noise, signal, transform):
    g, z = p / n, lam / n
    h = 1e-3 * z
    t = [(z + k * h) * float(transform(z + k * h, g)) for k in (-2, -1, 0, 1, 2)]  # z m has no pole at 0
    slope = (t[0] - 8 * t[1] + 8 * t[3] - t[4]) / (12 * h)
    return signal * (t[2] - z * slope) + noise * g * slope


def best_ridge(n, p, noise, signal, transform):
    f = lambda u: ridge_risk(n, p, math.exp(u), noise, signal, transform)
    lam = noise / signal * p
    return (lam, f(math.log(lam)))


def rademacher(values):
    v = np.asarray(values)

    def total(sums, i):
        """Of the largest sums over all tosses of the coins from i on."""
        if i == v.shape[1]:
            return sums.max()
        return (total(sums + v[:, i], i + 1) + total(sums - v[:, i], i + 1)) / 2

    return float(total(np.zeros(len(v)), 0)) / v.shape[1]


def rademacher_ball(X, radius):
    X = np.asarray(X)
    n = len(X)
    K = X @ X.T
    # sigma and -sigma have the same norm: half of the tosses are enough
    found = 0.0
    for code in range(2 ** (n - 1)):
        s = np.array([1.0] + [1.0 - 2 * (code >> i & 1) for i in range(n - 1)])
        found += math.sqrt(max(s @ K @ s, 0.0))
    return radius * found / 2 ** (n - 1) / n


def cap(d, t):
    # I_x(a, b) = x^a (1-x)^b / (a B(a, b)) 2F1(a+b, 1; a+1; x), in logarithms.
    if t <= 0:
        return 1 - cap(d, -t) if t < 0 else 0.5
    return float(scipy.special.betaincc(0.5, (d - 1) / 2, t * t)) / 2


def nearest(d, N):
    # P(no point closer) = (1 - rho^d)^N = 1/2
    log_u = math.log(-math.expm1(math.log(0.5) / N))
    return math.exp(log_u / d)

"""Plain Python: math, recursion over coins, sums in logarithms, Simpson's rule; no array is needed."""

import math


def ridgeless_risk(n, p, noise, signal):
    def noise_part(k, degrees):
        return math.inf if degrees < 1 else noise * k / degrees

    if p <= n:
        return noise_part(p, n - p - 1)
    return signal - signal * n / p + noise_part(n, p - n - 1)


def weak_features_risk(n, p, weights, noise):
    seen = hidden = 0.0
    for j, w in enumerate(weights):
        if j < p:
            seen += float(w) ** 2
        else:
            hidden += float(w) ** 2
    return hidden + ridgeless_risk(n, p, noise + hidden, seen)


def stieltjes(z, gamma):
    # 1/m = z + 1/(1 + ... ): the fixed point m = 1/(1 - gamma + z + gamma z m), by Newton in u = z m, from above.
    b = 1 - gamma + z
    if b <= 0:
        return (math.sqrt(b * b + 4 * gamma * z) - b) / (2 * gamma * z)
    m = 1 / b
    for _ in range(200):
        value, slope = gamma * z * m * m + b * m - 1, 2 * gamma * z * m + b
        m -= value / slope
    return m


def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    derivative = -m * (1 + gamma * m) / math.sqrt((1 - gamma + z) ** 2 + 4 * gamma * z)
    return -signal * z * z * derivative + noise * gamma * (m + z * derivative)


def best_ridge(n, p, noise, signal, transform):
    lam = p * noise / signal
    return [lam, ridge_risk(n, p, lam, noise, signal, transform)]


def rademacher(values):
    rows = [[float(v) for v in row] for row in values]
    n = len(rows[0])
    if len(rows) == 1:
        return 0.0

    def over_coins(sums, i):
        if i == n:
            return max(sums)
        up = [s + row[i] for s, row in zip(sums, rows)]
        down = [s - row[i] for s, row in zip(sums, rows)]
        return (over_coins(up, i + 1) + over_coins(down, i + 1)) / 2

    return over_coins([0.0] * len(rows), 0) / n


def rademacher_ball(X, radius):
    rows = [[float(v) for v in row] for row in X]

    def over_coins(total, i):
        if i == len(rows):
            return math.sqrt(sum(v * v for v in total))
        return sum(over_coins([t + sign * v for t, v in zip(total, rows[i])], i + 1) for sign in (1, -1)) / 2

    return radius * over_coins([0.0] * len(rows[0]), 0) / len(rows)


def cap(d, t):
    if t < 0:
        return 1 - cap(d, -t)
    if t >= 1:
        return 0.0
    # P(c > t) is the share of angles below arccos(t) under sin^(d-2); scaled by its value at the end, where it is largest.
    end, steps = math.acos(t), 20_000
    start = max(0.0, end - 80 / (d * max(t, 1e-3)))
    height = lambda a: math.exp((d - 2) * (math.log(math.sin(a)) - math.log(math.sin(end)))) if a > 0 else float(d == 2)
    h = (end - start) / steps
    total = height(start) + height(end) + sum((4 if k % 2 else 2) * height(start + k * h) for k in range(1, steps))
    whole = math.lgamma((d - 1) / 2) - math.lgamma(d / 2) + math.log(math.pi) / 2
    return total * h / 3 * math.exp((d - 2) * math.log(math.sin(end)) - whole)


def nearest(d, N):
    return math.exp(math.log(-math.expm1(-math.log(2) / N)) / d)

"""Plain Python and loops; roots of matrices by Newton's iteration, equations of motion by Runge-Kutta, minima by bisection."""

import math

import numpy as np


def newton_root(S):
    """The root of a positive semidefinite matrix by Jacobi rotations, one pair of axes at a time."""
    A = [[float(v) for v in row] for row in np.asarray(S)]
    d = len(A)
    V = [[float(i == j) for j in range(d)] for i in range(d)]
    for _ in range(60):
        for p in range(d - 1):
            for q in range(p + 1, d):
                if abs(A[p][q]) < 1e-300:
                    continue
                angle = 0.5 * math.atan2(2 * A[p][q], A[q][q] - A[p][p])
                c, s = math.cos(angle), math.sin(angle)
                for k in range(d):
                    A[k][p], A[k][q] = c * A[k][p] - s * A[k][q], s * A[k][p] + c * A[k][q]
                for k in range(d):
                    A[p][k], A[q][k] = c * A[p][k] - s * A[q][k], s * A[p][k] + c * A[q][k]
                for k in range(d):
                    V[k][p], V[k][q] = c * V[k][p] - s * V[k][q], s * V[k][p] + c * V[k][q]
    root = np.zeros((d, d))
    for a in range(d):
        column = np.array([V[i][a] for i in range(d)])
        root += math.sqrt(max(A[a][a], 0.0)) * np.outer(column, column)
    return root


def squared_distance(m1, S1, m2, S2):
    root = newton_root(S1)
    total = -2 * float(np.trace(newton_root(root @ np.asarray(S2) @ root)))
    for i in range(len(m1)):
        total += (float(m1[i]) - float(m2[i])) ** 2 + float(S1[i][i]) + float(S2[i][i])
    return total


def transport_matrix(S1, S2):
    root = newton_root(S1)
    middle = newton_root(root @ np.asarray(S2) @ root)
    return np.linalg.solve(root, np.linalg.solve(root, middle).T)


def geodesic_covariance(S1, S2, t):
    """(1-t)^2 S1 + t^2 S2 and the mixed terms."""
    T, S1 = transport_matrix(S1, S2), np.asarray(S1)
    return (1 - t) ** 2 * S1 + t**2 * np.asarray(S2) + t * (1 - t) * (T @ S1 + S1 @ T)


def entropic_covariance(a, b, eps):
    """The positive root of c^2 + eps c / 2 - ab = 0 by bisection of its logarithm."""
    low, high = -60.0, math.log(a * b) / 2
    for _ in range(200):
        middle = (low + high) / 2
        c = math.exp(middle)
        low, high = (middle, high) if c * c + eps * c / 2 < a * b else (low, middle)
    return math.exp((low + high) / 2)


def entropic_cost(a, b, eps):
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * math.log1p(-min(c * c / (a * b), 1 - 1e-16))


def cheapest_variance(b, eps):
    """The derivative 1 - c/a changes its sign where c = a."""
    low, high = 0.0, b
    for _ in range(100):
        a = (low + high) / 2
        if a == 0 or entropic_covariance(max(a, 1e-12), b, eps) > a:
            low = a
        else:
            high = a
    return (low + high) / 2


def heat_velocity(x, weights, means, variances, t):
    result = []
    for point in np.asarray(x):
        logs, pulls = [], []
        for p, m, s in zip(np.asarray(weights), np.asarray(means), np.asarray(variances), strict=True):
            width = s + 2 * t
            away = point - m
            logs.append(math.log(p) - len(point) / 2 * math.log(width) - float(away @ away) / (2 * width))
            pulls.append(away / width)
        shares = [math.exp(v - max(logs)) for v in logs]
        result.append(sum(share * pull for share, pull in zip(shares, pulls, strict=True)) / sum(shares))
    return result


def heat_path(x0, weights, means, variances, t):
    def below(place, time):
        return sum(
            float(p) * 0.5 * math.erfc(-(place - float(m)) / math.sqrt(2 * (float(s) + 2 * time)))
            for p, m, s in zip(weights, means, variances, strict=True)
        )

    places = []
    for start in x0:
        level, low, high = below(float(start), 0.0), -400.0, 400.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, t) < level else (low, middle)
        places.append(middle)
    return places


def jko_step(m, s, tau, lam, temperature):
    """Bisection of the derivative of the energy of a step."""
    slope = lambda width: (width - s) / tau + lam * width - temperature / width
    low, high = 0.0, 10 * (s + math.sqrt(tau * temperature) + 1) / min(1 + tau * lam, 1)
    for _ in range(200):
        middle = (low + high) / 2
        if slope(middle) < 0:
            low = middle
        else:
            high = middle
    return m / (1 + tau * lam), high


def exact_flow(m, s, t, lam, temperature):
    grown = -math.expm1(-2 * lam * t) / lam if abs(lam) * t > 1e-13 else 2 * t
    return m * math.exp(-lam * t), math.sqrt(s * s * math.exp(-2 * lam * t) + temperature * grown)


def free_energy(m, s, lam, temperature):
    return lam * (m * m + s * s) / 2 - temperature * (math.log(s) + 0.5 + 0.5 * math.log(2 * math.pi))


def dissipation(m, s, lam, temperature):
    """Minus the chain rule: dF/dm m' + dF/ds s'."""
    return (lam * m) * (lam * m) + (lam * s - temperature / s) * (lam * s - temperature / s)


def mean_field_law(m0, S0, A, kappa, temperature, t):
    """Classical Runge-Kutta for mean and covariance."""
    A, m, S = np.asarray(A), np.asarray(m0), np.asarray(S0)
    B, eye, steps = A + kappa * np.eye(len(A)), np.eye(len(A)), 1500
    slope = lambda S: -B @ S - S @ B + 2 * temperature * eye
    h = t / steps
    for _ in range(steps):
        k1 = slope(S)
        k2 = slope(S + h / 2 * k1)
        k3 = slope(S + h / 2 * k2)
        S = S + h / 6 * (k1 + 2 * k2 + 2 * k3 + slope(S + h * k3))
        Am = A @ m
        m = m - h * (Am - h / 2 * (A @ Am) + h**2 / 6 * (A @ (A @ Am)) - h**3 / 24 * (A @ (A @ (A @ Am))))
    return m, S


def twin_distance(n, S0, A, kappa, temperature, t):
    """Y - U is a convolution: kappa times the integral of e^(-(A + kappa)(t - u)) Y(u), direction by direction."""
    alpha, V = np.linalg.eigh(np.asarray(A))
    total = 0.0
    for k, rate in enumerate(alpha):
        variance = float(V[:, k] @ np.asarray(S0) @ V[:, k])
        # What start and noise of the time v leave in Y - U at the time t: e^(-rate s) (1 - e^(-kappa s)), s = t - v.
        left = lambda s, rate=rate: np.exp(-rate * s) * -np.expm1(-kappa * s)
        nodes, weights = np.polynomial.legendre.leggauss(60)
        s = t / 2 * (nodes + 1)
        total += variance * left(t) ** 2 + 2 * temperature * t / 2 * float(weights @ left(s) ** 2)
    return total / n
